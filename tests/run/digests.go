// MD5, SHA-1 and SHA-512 of all lengths around their blocks, in one piece and in several.
package main

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
)

func main() {
	data := make([]byte, 1<<20+200)
	for i := range data {
		data[i] = byte(i * 13 >> 3)
	}
	all := sha256.New()
	m, s, l := md5.New(), sha1.New(), sha512.New()
	for n := 0; n < 700; n++ {
		m.Write(data[:n])
		s.Write(data[n : 2*n])
		l.Write(data[n : 3*n])
		fmt.Fprintf(all, "%x %x %x\n", md5.Sum(data[:n]), sha1.Sum(data[1:n+1]), sha512.Sum512(data[2:n+2]))
	}
	fmt.Printf("%x %x %x\n", m.Sum(nil), s.Sum(nil), l.Sum(nil))
	fmt.Printf("%x\n%x %x %x\n", all.Sum(nil), md5.Sum(data), sha1.Sum(data), sha512.Sum512(data))
}
