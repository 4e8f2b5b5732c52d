package main

import (
	"encoding/binary"
	"fmt"
)

// Bytes that are read and written together, and such that only look so.

//go:noinline
func le(b []byte, i int) (uint16, uint32, uint64) {
	return uint16(b[i]) | uint16(b[i+1])<<8,
		uint32(b[i]) + uint32(b[i+1])<<8 + uint32(b[i+2])<<16 + uint32(b[i+3])<<24,
		uint64(b[i]) ^ uint64(b[i+1])<<8 ^ uint64(b[i+2])<<16 ^ uint64(b[i+3])<<24 ^
			uint64(b[i+4])<<32 ^ uint64(b[i+5])<<40 ^ uint64(b[i+6])<<48 ^ uint64(b[i+7])<<56
}

//go:noinline
func shifted(b []byte) (uint64, int64, uint32, uint16) {
	return uint64(b[1])<<24 | uint64(b[0])<<16,
		int64(int8(b[0])) | int64(b[1])<<8,
		uint32(b[0]) | uint32(b[1])<<4,
		uint16(b[0])<<12 | uint16(b[1])<<4
}

// The second byte changes before it is read.
//
//go:noinline
func changed(b, c []byte) uint16 {
	low := b[0]
	c[1] = 9
	return uint16(low) | uint16(b[1])<<8
}

//go:noinline
func put(b []byte, v uint64) {
	b[0], b[1], b[2], b[3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	b[4], b[5] = byte(v>>40), byte(v>>48)
	b[6], b[7] = 1, 2
	b[8], b[9] = byte(v), byte(v>>9)
}

// What is stored before the panic is seen.
//
//go:noinline
func partly(b []byte, v uint32) (err any) {
	defer func() { err = recover() }()
	b[0] = byte(v)
	b[1] = byte(v >> 8)
	b[2] = byte(v >> 16)
	b[3] = byte(v >> 24)
	return nil
}

type mixed struct {
	a uint8
	b int8
	c uint16
	d int32
}

//go:noinline
func fill(m *mixed, v int64) {
	m.a, m.b, m.c, m.d = 0xfe, -2, 0x1234, -1
	if v > 0 {
		m.d = int32(v >> 32)
		m.c = uint16(v >> 16)
		m.b = int8(v >> 8)
		m.a = uint8(v)
	}
}

func main() {
	b := make([]byte, 24)
	for i := range b {
		b[i] = byte(i*37 + 129)
	}
	for i := 0; i < 3; i++ {
		fmt.Println(le(b, i))
	}
	fmt.Println(shifted(b))
	fmt.Println(changed(b, b), changed(b, make([]byte, 2)))
	put(b, 0x0102030405060708)
	fmt.Println(b)
	short := make([]byte, 2)
	fmt.Println(partly(short, 0xaabbccdd), short, partly(b[10:], 0xaabbccdd), b)
	var m mixed
	fill(&m, 0)
	fmt.Println(m)
	fill(&m, 0x0102030405060788)
	fmt.Println(m)
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		fmt.Println(order.Uint16(b), order.Uint32(b[1:]), order.Uint64(b[3:]))
		order.PutUint16(b, 0xf00d)
		order.PutUint32(b[3:], 0xdeadbeef)
		order.PutUint64(b[9:], 0x1122334455667788)
		fmt.Println(b)
	}
	b = binary.BigEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, 0xcafe0001), 1<<63|5)
	fmt.Println(b, uint64(binary.LittleEndian.Uint32(b))|uint64(binary.LittleEndian.Uint32(b[4:]))<<32)
}
