// A text deflated and inflated.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
)

func main() {
	text := strings.Repeat("the quick brown fox jumps over the lazy dog; ", 20_000)
	for i := range 6 {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		io.WriteString(w, text[i:])
		w.Close()
		r, err := gzip.NewReader(&packed)
		if err != nil {
			panic(err)
		}
		back, err := io.ReadAll(r)
		fmt.Println(len(back), string(back) == text[i:], err)
	}
}
