// Counts the words of some texts, each in a goroutine of its own.
package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

var texts = []string{
	"the quick brown fox jumps over the lazy dog",
	"the dog sleeps and the fox runs",
	"a quick dog is a happy dog",
}

func main() {
	start := time.Now()
	var group sync.WaitGroup
	found := make(chan map[string]int)
	for _, text := range texts {
		group.Go(func() {
			counts := map[string]int{}
			for word := range strings.FieldsSeq(text) {
				counts[word]++
			}
			found <- counts
		})
	}
	go func() {
		group.Wait()
		close(found)
	}()
	total := map[string]int{}
	for counts := range found {
		for word, n := range counts {
			total[word] += n
		}
	}
	for _, word := range slices.Sorted(maps.Keys(total)) {
		if total[word] > 1 {
			fmt.Printf("%-6s %d\n", word, total[word])
		}
	}
	if time.Since(start) > time.Minute {
		fmt.Println("that took long")
	}
}
