// print and println of every kind.
package main

type T struct{ a int }

func (T) M() {}

type I interface{ M() }

func main() {
	println()
	print()
	println(true, false)
	println(0, -1, 1<<63-1, -1<<63, int8(-128), int16(-3), int32(7), uint8(255), uint64(1<<64-1), uintptr(255))
	println('a', "s", "", "two words")
	println(0.0, 1.0, -1.5, 100000.0, 1e6, 1234567.0, 123456.75, 1e20, 1e21, 1e-4, 1e-5, 0.0001234, 3.14159265358979, 1e100, 5e-324, 1.7976931348623157e308)
	println(float32(0.1), float32(16777216), float32(1e6), float32(3.4e38), float32(1)/3)
	zero := 0.0
	println(1/zero, -1/zero, zero/zero, -zero, 1/(-1/zero))
	println(complex(1, -2), complex(float32(0.1), float32(1e10)), complex(1/zero, zero/zero), complex(-1/zero, -0.5))
	var m map[string]int
	var s []int
	var e any
	var i I
	var p *int
	var f func()
	var c chan int
	println(m, s, e, i, p, f, c)
	print("a", 1, "b", 2.5, true, "\n")
	print(1, 2, 3, "\n")
	println("x" + "y")
	const big = 1 << 40
	println(big, 'x', "é\x00z"[3:])
	e = T{}
	i = T{}
	println(e != nil, i != nil)
	long := ""
	for len(long) < 6000 {
		long += "0123456789abcdefghijklmnopqrstuvwxyz"
	}
	println(long)
}
