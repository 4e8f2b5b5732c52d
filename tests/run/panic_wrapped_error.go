package main

import (
	"errors"
	"fmt"
)

type T struct {
	A int
	B string
}

func (t T) Error() string { return fmt.Sprintf("T{%d,%s}", t.A, t.B) }
func main()               { panic(fmt.Errorf("wrapped: %w", errors.Join(T{1, "x"}, errors.New("two")))) }
