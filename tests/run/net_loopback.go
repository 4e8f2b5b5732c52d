package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	var wg sync.WaitGroup
	for i := 0; i < 20; i++ {
		wg.Go(func() {
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				panic(err)
			}
			defer c.Close()
			r := bufio.NewReader(c)
			for j := 0; j < 50; j++ {
				fmt.Fprintf(c, "%d %d\n", i, j)
				s, err := r.ReadString('\n')
				if err != nil || s != fmt.Sprintf("%d %d\n", i, j) {
					panic(s)
				}
			}
		})
	}
	wg.Wait()
	c, _ := net.Dial("tcp", ln.Addr().String())
	c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded), err.(net.Error).Timeout())
	c.SetReadDeadline(time.Time{})
	go func() { time.Sleep(2 * time.Millisecond); c.Close() }()
	_, err = c.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, net.ErrClosed))
	ln.Close()
	_, err = net.DialTimeout("tcp", ln.Addr().String(), time.Second)
	fmt.Println(err != nil)
	a, b := net.Pipe()
	go a.Write([]byte("pipe"))
	buf := make([]byte, 10)
	n, _ := b.Read(buf)
	fmt.Println(string(buf[:n]))
	u, _ := net.ListenPacket("udp", "127.0.0.1:0")
	u2, _ := net.Dial("udp", u.LocalAddr().String())
	u2.Write([]byte("datagram"))
	n, _, _ = u.ReadFrom(buf[:8])
	fmt.Println(string(buf[:n]))
	addrs, err := net.LookupHost("localhost")
	fmt.Println(len(addrs) > 0, err)
}
