// A sieve: byte loads and stores in strides.
package main

func count(n int) (primes int) {
	composite := make([]bool, n)
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		primes++
		for j := i * i; j < n; j += i {
			composite[j] = true
		}
	}
	return primes
}

func main() {
	total := 0
	for i := 0; i < 20; i++ {
		total += count(5_000_000)
	}
	println(total)
}
