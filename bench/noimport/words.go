// A map of strings built from bytes.
package main

func main() {
	counts := map[string]int{}
	x := uint32(1)
	word := make([]byte, 0, 8)
	for i := 0; i < 6_000_000; i++ {
		x = x*1664525 + 1013904223
		word = word[:0]
		for v := x >> 16 & 0x3fff; v > 0; v /= 26 {
			word = append(word, byte('a'+v%26))
		}
		counts[string(word)]++
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	println(len(counts), most)
}
