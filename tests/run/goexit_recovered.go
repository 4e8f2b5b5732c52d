package main

import (
	"fmt"
	"runtime"
)

func main() {
	defer func() { fmt.Println(recover()); panic(fmt.Sprint("again")) }()
	defer runtime.Goexit()
	panic("first")
}
