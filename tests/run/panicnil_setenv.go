package main

import (
	"fmt"
	"os"
)

func try() (what any) {
	defer func() { what = recover() }()
	panic(nil)
}

// What GODEBUG says may change while the program runs.
func main() {
	fmt.Println(try())
	os.Setenv("GODEBUG", "panicnil=0,panicnil=1")
	fmt.Println(try())
	os.Unsetenv("GODEBUG")
	fmt.Println(try())
}
