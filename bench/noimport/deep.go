// Recursion ten million deep, within the stack's limit of 1 GB.
package main

func depth(n int) int {
	if n == 0 {
		return 0
	}
	return depth(n-1) + 1
}

func main() { println(depth(10_000_000)) }
