package main

func main() {
	words := make(chan string)
	go func() {
		defer close(words)
		for _, w := range []string{"hello", "from", "goxide"} {
			words <- w
		}
	}()
	for w := range words {
		println(w)
	}
}
