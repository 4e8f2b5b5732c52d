package main

import "runtime"

func main() {
	defer println("deferred")
	go func() { println("g") }()
	runtime.Goexit()
}
