// Sorting by interface, by function and by order.
package main

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

type item struct {
	key  int
	name string
}

type byName []item

func (s byName) Len() int           { return len(s) }
func (s byName) Less(i, j int) bool { return s[i].name < s[j].name }
func (s byName) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

func main() {
	const n = 200_000
	x := uint32(1)
	items := make([]item, n)
	fill := func() {
		for i := range items {
			x = x*1664525 + 1013904223
			items[i] = item{int(x >> 8), fmt.Sprint(x >> 12)}
		}
	}
	fill()
	sort.Sort(byName(items))
	fmt.Println(items[0], items[n-1])
	fill()
	sort.Slice(items, func(i, j int) bool { return items[i].key < items[j].key })
	fmt.Println(items[0], items[n-1])
	fill()
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.key&0xfff, b.key&0xfff) })
	fmt.Println(items[0], items[n-1])
	keys := make([]int, 0, 4*n)
	for range 4 * n {
		x = x*1664525 + 1013904223
		keys = append(keys, int(x))
	}
	slices.Sort(keys)
	at, found := slices.BinarySearch(keys, keys[n])
	fmt.Println(keys[0], keys[len(keys)-1], at <= n, found)
}
