package main

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"
	"io"
	"testing"
)

type state struct {
	words [20]uint64
	out   []byte
}

//go:noinline
func (s *state) reset() {
	for i := range 20 {
		s.words[i] = uint64(i)
	}
}

func (s *state) Write(p []byte) (int, error) {
	for i, b := range p {
		s.words[i%20] += uint64(b)
	}
	return len(p), nil
}

func newState() io.Writer {
	s := new(state)
	s.reset()
	return s
}

var kept any

//go:noinline
func keepElements(list []any) {
	for _, x := range list {
		kept = x
	}
}

//go:noinline
func call(f func()) { f() }

// What gc keeps in frames.
func main() {
	in := []byte("abc")
	count := func(what string, f func()) { fmt.Println(what, testing.AllocsPerRun(10, f)) }
	count("a constructor's object behind an interface", func() { newState().Write(in) })
	count("asserted to another interface", func() {
		var h hash.Hash = sha256.New()
		h.Write(in)
		b, _ := h.(encoding.BinaryAppender).AppendBinary(make([]byte, 0, 200))
		if m, ok := h.(encoding.BinaryUnmarshaler); ok {
			m.UnmarshalBinary(b)
		}
	})
	x := &bytes.Buffer{}
	count("a slice whose elements are kept", func() { keepElements([]any{x, x}) })
	count("captured by a closure that keeps the elements", func() {
		list := []any{x, x}
		call(func() { keepElements(list) })
	})
}
