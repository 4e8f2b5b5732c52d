// A map of integers: inserts, hits, misses, deletes.
package main

func main() {
	m := make(map[uint64]uint64)
	sum := uint64(0)
	for round := uint64(0); round < 8; round++ {
		for i := uint64(0); i < 400_000; i++ {
			m[i*2654435761] = i + round
		}
		for i := uint64(0); i < 800_000; i++ {
			sum += m[i*2654435761]
		}
		for i := uint64(0); i < 400_000; i += 3 {
			delete(m, i*2654435761)
		}
	}
	println(len(m), sum)
}
