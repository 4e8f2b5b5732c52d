// The checksums written in assembly against plain Go, at all small lengths and alignments.
package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"math/bits"
)

// plainCRC is the definition, a bit at a time.
func plainCRC(poly uint32, crc uint32, p []byte) uint32 {
	crc = ^crc
	for _, b := range p {
		crc ^= uint32(b)
		for range 8 {
			crc = crc>>1 ^ poly&-(crc&1)
		}
	}
	return ^crc
}

// roots are the fractions' first 32 bits of the n-th root of the first primes.
func roots(count int, n int) (out []uint32) {
	for p := uint64(2); len(out) < count; p++ {
		prime := true
		for q := uint64(2); q*q <= p; q++ {
			prime = prime && p%q != 0
		}
		if !prime {
			continue
		}
		// The greatest x with (x / 2^32)^n <= p, bit by bit in integers of 128 bits or more.
		var x uint64
		for bit := 35; bit >= 0; bit-- {
			t := x | 1<<bit
			if atMost(t, n, p) {
				x = t
			}
		}
		out = append(out, uint32(x))
	}
	return out
}

// atMost is t^n <= p << (32 n).
func atMost(t uint64, n int, p uint64) bool {
	power := []uint64{1, 0, 0}
	for range n {
		var carry uint64
		for i := range power {
			hi, lo := bits.Mul64(power[i], t)
			var c uint64
			power[i], c = bits.Add64(lo, carry, 0)
			carry = hi + c
		}
	}
	limit := []uint64{0, p, 0}
	if n == 3 {
		limit = []uint64{0, p << 32, p >> 32}
	}
	for i := 2; i >= 0; i-- {
		if power[i] != limit[i] {
			return power[i] < limit[i]
		}
	}
	return true
}

var initial, constants = roots(8, 2), roots(64, 3)

func plainSHA256(p []byte) (sum [32]byte) {
	msg := append(bytes.Clone(p), 0x80)
	for len(msg)%64 != 56 {
		msg = append(msg, 0)
	}
	for i := 7; i >= 0; i-- {
		msg = append(msg, byte(uint64(len(p))*8>>(8*i)))
	}
	h := [8]uint32(initial)
	for ; len(msg) > 0; msg = msg[64:] {
		var w [64]uint32
		for i := range w {
			if i < 16 {
				for j := range 4 {
					w[i] = w[i]<<8 | uint32(msg[4*i+j])
				}
				continue
			}
			x, y := w[i-15], w[i-2]
			w[i] = w[i-16] + w[i-7] +
				(bits.RotateLeft32(x, -7) ^ bits.RotateLeft32(x, -18) ^ x>>3) +
				(bits.RotateLeft32(y, -17) ^ bits.RotateLeft32(y, -19) ^ y>>10)
		}
		v := h
		for i := range w {
			a, e := v[0], v[4]
			t := v[7] + constants[i] + w[i] + (e&v[5] ^ ^e&v[6]) +
				(bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25))
			u := (a&v[1] ^ a&v[2] ^ v[1]&v[2]) +
				(bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22))
			copy(v[1:], v[:7])
			v[0] = t + u
			v[4] += t
		}
		for i := range h {
			h[i] += v[i]
		}
	}
	for i := range sum {
		sum[i] = byte(h[i/4] >> (24 - 8*(i%4)))
	}
	return sum
}

func main() {
	data := make([]byte, 9000)
	x := uint32(7)
	for i := range data {
		x = x*1664525 + 1013904223
		data[i] = byte(x >> 24)
	}
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	checked, wrong := 0, 0
	check := func(start, n int) {
		p := data[start : start+n]
		before := uint32(start * n)
		checked++
		if crc32.Update(before, crc32.IEEETable, p) != plainCRC(crc32.IEEE, before, p) {
			fmt.Println("IEEE", start, n)
			wrong++
		}
		if crc32.Update(before, castagnoli, p) != plainCRC(crc32.Castagnoli, before, p) {
			fmt.Println("Castagnoli", start, n)
			wrong++
		}
		if sha256.Sum256(p) != plainSHA256(p) {
			fmt.Println("SHA-256", start, n)
			wrong++
		}
	}
	for n := 0; n <= 300; n++ {
		check(n%17, n)
		check(1, n)
	}
	for start := range 16 {
		for _, n := range []int{63, 64, 65, 127, 128, 503, 504, 512, 1023, 4032, 4039, 4096, 8900} {
			check(start, n)
		}
	}
	fmt.Println(checked, wrong)
	fmt.Printf("%x\n", plainSHA256([]byte("abc")))
	fmt.Printf("%08x\n", plainCRC(crc32.IEEE, 0, []byte("123456789")))
}
