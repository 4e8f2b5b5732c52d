// Hashes of a megabyte, again and again.
package main

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
)

func main() {
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i * 7)
	}
	for i := range 24 {
		data[i]++
		fmt.Printf("%x %x %08x\n", sha256.Sum256(data), md5.Sum(data), crc32.ChecksumIEEE(data))
	}
}
