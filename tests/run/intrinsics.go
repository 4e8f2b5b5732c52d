package main

import (
	"math"
	"math/bits"
	"sync/atomic"
)

var i32 int32
var u64 uint64
var p atomic.Pointer[int]
var b atomic.Bool
var n atomic.Int64

func hex(f float64) { println(math.Float64bits(f)) }

func main() {
	println(atomic.AddInt32(&i32, 5), atomic.SwapInt32(&i32, 7), atomic.CompareAndSwapInt32(&i32, 7, 8), atomic.CompareAndSwapInt32(&i32, 7, 9), i32)
	println(atomic.OrUint64(&u64, 0xf0), atomic.AndUint64(&u64, 0x3c), atomic.LoadUint64(&u64))
	x := 3
	println(p.Load() == nil, p.CompareAndSwap(nil, &x), *p.Load(), p.Swap(nil) == &x, p.Load() == nil)
	b.Store(true)
	println(b.Load(), b.Swap(false), b.Load())
	n.Store(-4)
	println(n.Add(3), n.Load())
	f := atomic.AddUint64
	println(f(&u64, 2))
	for _, v := range []uint64{0, 1, 5, 0x80, 0xff00, 1 << 31, 1 << 63, math.MaxUint64} {
		println(bits.Len64(v), bits.Len32(uint32(v)), bits.Len16(uint16(v)), bits.Len8(uint8(v)), bits.LeadingZeros64(v), bits.LeadingZeros16(uint16(v)), bits.LeadingZeros8(uint8(v)),
			bits.TrailingZeros64(v), bits.TrailingZeros32(uint32(v)), bits.TrailingZeros16(uint16(v)), bits.TrailingZeros8(uint8(v)),
			bits.OnesCount64(v), bits.OnesCount8(uint8(v)), bits.ReverseBytes64(v), bits.ReverseBytes32(uint32(v)), bits.ReverseBytes16(uint16(v)),
			bits.RotateLeft64(v, 3), bits.RotateLeft8(uint8(v), -3), bits.RotateLeft32(uint32(v), 35))
		hi, lo := bits.Mul64(v, 0xdeadbeefcafebabe)
		s, c := bits.Add64(v, 0xdeadbeefcafebabe, v&1)
		d, e := bits.Sub64(v, 0xdeadbeefcafebabe, v&1)
		println(hi, lo, s, c, d, e)
		q, r := bits.Div64(3, v, 77)
		println(q, r)
	}
	for _, v := range []float64{0, -0.5, 2.5, 3.5, -2.5, 1e300, math.Inf(1), math.NaN(), math.Copysign(0, -1)} {
		hex(math.Sqrt(v))
		hex(math.Floor(v))
		hex(math.Ceil(v))
		hex(math.Trunc(v))
		hex(math.RoundToEven(v))
		hex(math.Abs(v))
		hex(math.Copysign(v, -1))
		hex(math.FMA(v, 1.1, 2.2))
		hex(math.Max(v, 1))
		println(math.Float32bits(float32(v)))
	}
	func() {
		defer func() { println(recover().(error).Error()) }()
		var q *int64
		atomic.AddInt64(q, 1)
	}()
}
