// A server and its clients on one machine.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.URL.Query().Get("n"))
	}))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	var group sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for c := range 16 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range 600 {
				answer, err := client.Get(fmt.Sprintf("http://%s/?n=%d", listener.Addr(), c*1000+i))
				if err != nil {
					panic(err)
				}
				body, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if err != nil {
					panic(err)
				}
				mu.Lock()
				total += len(body)
				mu.Unlock()
			}
		}()
	}
	group.Wait()
	fmt.Println(total)
}
