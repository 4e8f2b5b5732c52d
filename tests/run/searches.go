package main

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"strings"
)

func index(s, sep string) int {
	for i := 0; i+len(sep) <= len(s); i++ {
		if s[i:i+len(sep)] == sep {
			return i
		}
	}
	return -1
}

func main() {
	seed := uint32(1)
	rnd := func(n int) int {
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
	memory := make([]byte, 3*4096)
	for k := 0; k < 20000; k++ {
		// Texts of few letters, near the ends of pages.
		letters, n := 1+rnd(4), rnd(200)
		at := 4096 + rnd(300) - 250
		s := memory[at : at+n : at+n]
		for i := range s {
			s[i] = byte('a' + rnd(letters))
		}
		text, c := string(s), byte('a'+rnd(5))
		count := 0
		for _, b := range s {
			if b == c {
				count++
			}
		}
		if got := bytes.IndexByte(s, c); got != index(text, string(c)) {
			fmt.Println("IndexByte", text, string(c), got)
		}
		if got := bytes.Count(s, []byte{c}); got != count || strings.Count(text, string(c)) != count {
			fmt.Println("Count", text, string(c), got)
		}
		sep := make([]byte, 1+rnd(70))
		for i := range sep {
			sep[i] = byte('a' + rnd(letters))
		}
		if rnd(2) == 0 && len(sep) <= n {
			copy(sep, s[rnd(n-len(sep)+1):])
		}
		if got := bytes.Index(s, sep); got != index(text, string(sep)) || got != strings.Index(text, string(sep)) {
			fmt.Println("Index", text, string(sep), got)
		}
		if bytes.Compare(s, sep) != strings.Compare(text, string(sep)) || bytes.Equal(s, sep) != (text == string(sep)) {
			fmt.Println("Compare", text, string(sep))
		}
	}
	fmt.Println(crc32.ChecksumIEEE([]byte("hello, world")), crc32.Checksum([]byte("hello, world"), crc32.MakeTable(crc32.Castagnoli)))
	var h, g maphash.Hash
	g.SetSeed(h.Seed())
	h.WriteString("hello")
	g.Write([]byte("hel"))
	g.Write([]byte("lo"))
	fmt.Println(h.Sum64() == g.Sum64(), maphash.Comparable(h.Seed(), [2]any{1, "x"}) == maphash.Comparable(h.Seed(), [2]any{1, "x"}))
}
