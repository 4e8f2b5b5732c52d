// The executable's symbol table names functions where they are entered, as debuggers want.
package main

import (
	"debug/elf"
	"fmt"
	"os"
	"reflect"
)

//go:noinline
func work(n int) (sum int) {
	var table [64]int
	for i := range n {
		table[i%64] += i
	}
	for _, v := range table {
		sum += v
	}
	return sum
}

func main() {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	file, err := elf.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		panic(err)
	}
	for _, s := range symbols {
		if s.Name == "main.work" {
			fmt.Println("at its entry:", s.Value == uint64(reflect.ValueOf(work).Pointer()), s.Size > 0)
			fmt.Println("a function:", elf.ST_TYPE(s.Info) == elf.STT_FUNC)
		}
	}
	fmt.Println(work(100))
}
