// Regular expressions over a text.
package main

import (
	"fmt"
	"regexp"
	"strings"
)

func main() {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "user%d@host%d.example, 2026-%02d-%02d and some words\n", i, i%7, i%12+1, i%28+1)
	}
	text := b.String()
	mail := regexp.MustCompile(`[a-z]+(\d+)@([a-z0-9.]+)`)
	date := regexp.MustCompile(`(\d{4})-(\d\d)-(\d\d)`)
	words := regexp.MustCompile(`(?i)\b(some|WORDS)\b`)
	fmt.Println(len(mail.FindAllStringSubmatch(text, -1)))
	fmt.Println(len(date.ReplaceAllString(text, "$3.$2.$1")))
	fmt.Println(len(words.FindAllStringIndex(text, -1)))
}
