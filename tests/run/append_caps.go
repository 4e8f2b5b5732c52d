// How an append that does not escape grows: listed values may begin in the frame, what a slice has may not.
package main

import "fmt"

func main() {
	var made, text, listed []byte
	for range 4 {
		made = append(made[:cap(made)], make([]byte, 1)...)
		text = append(text[:cap(text)], "abc"...)
		listed = append(listed[:cap(listed)], 1)
		fmt.Println(cap(made), cap(text), cap(listed))
	}
}
