// A slice that is shortened where it stands changes its length alone, so that another goroutine may move
// its pointer meanwhile (issue 14855 of Go).
package main

import "fmt"

type holder struct{ s []int }

func main() {
	const n = 300000
	a := make([]int, n+10)
	h := &holder{a}
	done := make(chan bool)
	go func() {
		for range n {
			h.s = h.s[1:9]
		}
		done <- true
	}()
	go func() {
		for range n {
			h.s = h.s[0:8]
		}
		done <- true
	}()
	<-done
	<-done
	fmt.Println(len(h.s), cap(h.s), &h.s[0] == &a[n])
}
