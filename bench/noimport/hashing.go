// FNV-1a and a xorshift generator: integer arithmetic over bytes.
package main

func fnv(data []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range data {
		h ^= uint64(b)
		h *= 1099511628211
	}
	return h
}

func main() {
	data := make([]byte, 1<<20)
	x := uint32(2463534242)
	for i := range data {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		data[i] = byte(x)
	}
	sum := uint64(0)
	for i := 0; i < 400; i++ {
		sum += fnv(data[i:])
	}
	println(sum)
}
