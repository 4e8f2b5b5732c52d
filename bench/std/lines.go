// Words of many lines, counted.
package main

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func main() {
	var b strings.Builder
	x := uint32(7)
	for range 200_000 {
		for range 6 {
			x = x*1664525 + 1013904223
			fmt.Fprintf(&b, "w%d ", x>>20)
		}
		b.WriteByte('\n')
	}
	counts := map[string]int{}
	lines := bufio.NewScanner(strings.NewReader(b.String()))
	for lines.Scan() {
		for _, word := range strings.Fields(lines.Text()) {
			counts[strings.ToUpper(word)]++
		}
	}
	words := slices.Sorted(maps.Keys(counts))
	fmt.Println(len(words), words[0], counts[words[0]], strings.Count(b.String(), "w1"))
}
