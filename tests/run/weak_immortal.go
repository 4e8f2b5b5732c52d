// Weak pointers to variables of the program: one handle for each, never nil.
package main

import (
	"fmt"
	"runtime"
	"weak"
)

var pair struct{ a, b int }

func main() {
	a, b := weak.Make(&pair.a), weak.Make(&pair.b)
	fmt.Println(weak.Make(&pair.a) == a, a == weak.Make(&pair.b))
	runtime.GC()
	runtime.GC()
	fmt.Println(a.Value() == &pair.a, b.Value() == &pair.b, weak.Make(&pair.b) == b)
}
