// What a strings.Builder may write without growing belongs to it alone: small objects stand together in one block.
package main

import "strings"

var strs []string

func main() {
	for n := 1; n < 40; n++ {
		var b strings.Builder
		b.Grow(n)
		room := b.Cap()
		for i := 0; i < 20; i++ {
			strs = append(strs, string([]byte{byte('a' + i), byte('A' + n%26), '.'}))
		}
		for b.Len() < room {
			b.WriteByte('#')
		}
		println(n, room, strings.Join(strs, ""), b.String())
		strs = strs[:0]
	}
}
