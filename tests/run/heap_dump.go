package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// A heap dump is read as its format says: https://go.dev/s/go15heapdump.

type record struct {
	next *record
	text [32]byte
}

var (
	keep *record
	file *os.File
)

type reader struct{ *bufio.Reader }

func (r reader) int() uint64 {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		panic(err)
	}
	return n
}

func (r reader) bytes() []byte {
	b := make([]byte, r.int())
	if _, err := io.ReadFull(r, b); err != nil {
		panic(err)
	}
	return b
}

func (r reader) fields() (offsets []uint64) {
	for {
		switch kind := r.int(); kind {
		case 0:
			return offsets
		case 1:
			offsets = append(offsets, r.int())
		default:
			panic(kind)
		}
	}
}

func (r reader) skip(n int) {
	for range n {
		r.int()
	}
}

//go:noinline
func dump() {
	debug.WriteHeapDump(file.Fd())
}

func main() {
	var err error
	if file, err = os.CreateTemp("", "heapdump"); err != nil {
		panic(err)
	}
	os.Remove(file.Name())
	for i := range 3 {
		keep = &record{next: keep}
		copy(keep.text[:], fmt.Sprintf("this is record %d", i))
	}
	runtime.SetFinalizer(keep, func(*record) {})
	block := make(chan int)
	go func() { <-block }()
	runtime.Gosched()
	runtime.MemProfileRate = 1
	dump()
	close(block)

	file.Seek(0, 0)
	r := reader{bufio.NewReader(file)}
	header := make([]byte, 16)
	io.ReadFull(r, header)
	fmt.Printf("%q\n", header)
	var last, size int
	seen := make(map[uint64]int)
	var frames []string
	for {
		tag := r.int()
		seen[tag]++
		switch tag {
		case 0:
			_, err := r.ReadByte()
			fmt.Println("end", err)
			fmt.Println(last, size, seen[3] > 0, seen[8] > 0, seen[9] > 0, seen[10], seen[12], seen[13], seen[4] > 1)
			fmt.Println(strings.Contains(strings.Join(frames, " "), "main.dump main.main"))
			return
		case 1:
			at := r.int()
			b := r.bytes()
			offsets := r.fields()
			if bytes.Contains(b, []byte("this is record 1\x00")) && len(b) < 100 {
				last++
				size = len(offsets)
				if at == 0 || len(offsets) != 1 || offsets[0] != 0 {
					fmt.Println("record 1 at", at, "points", offsets)
				}
			}
		case 2:
			r.bytes()
			r.int()
		case 3:
			r.skip(2)
			r.bytes()
			r.int()
		case 4:
			r.skip(8)
			r.bytes()
			r.skip(4)
		case 5:
			r.skip(3)
			r.bytes()
			r.skip(3)
			frames = append(frames, string(r.bytes()))
			r.fields()
		case 6:
			fmt.Println(r.int(), r.int(), r.int() < r.int(), string(r.bytes()), string(r.bytes()) == runtime.Version(), r.int() == uint64(runtime.NumCPU()))
		case 7, 11:
			r.skip(5)
		case 8:
			r.skip(2)
		case 9:
			r.skip(3)
		case 10:
			r.skip(24 + 256 + 1)
		case 12, 13:
			r.int()
			r.bytes()
			r.fields()
		case 14:
			r.skip(7)
		case 15:
			r.skip(6)
		case 16:
			r.skip(2)
			for range r.int() {
				r.bytes()
				r.bytes()
				r.int()
			}
			r.skip(2)
		case 17:
			r.skip(2)
		default:
			panic(tag)
		}
	}
}
