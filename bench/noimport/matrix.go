// A product of matrices kept as slices of slices.
package main

const n = 500

func matrix(seed float64) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			m[i][j] = seed*float64(i) - float64(j)
		}
	}
	return m
}

func main() {
	a, b, c := matrix(1.5), matrix(0.5), matrix(0)
	for i := range a {
		for j := range b[0] {
			sum := 0.0
			for k := range b {
				sum += a[i][k] * b[k][j]
			}
			c[i][j] = sum
		}
	}
	println(c[17][311], c[n-1][n-1])
}
