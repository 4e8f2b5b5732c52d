package main

// Constants whose kind is another than that of what they become: shift counts of untyped float and
// complex kinds, up to the largest uint, and conversions to complex types in instances.

const most = 1<<64 - 1

type cplx interface{ ~complex64 | ~complex128 }

type mine complex64

func zero[T cplx]() T  { return T(0) }
func some[T cplx]() T  { return T(2.5) }
func imagi[T cplx]() T { return T(-1i) }

func real1[T ~float32 | ~int]() T { return T(7 + 0i) }

func main() {
	x := 1
	println(x<<(most+0), x<<(most+0.), x<<(most+0.+0i), x<<2., x<<0i, x<<(3+0i))
	println(-x>>(most+0.), -x>>1.)
	x <<= 4.
	println(x, x<<(1.<<x), x<<(0i<<x))
	println(zero[complex128](), zero[complex64](), zero[mine]())
	println(some[complex128](), some[complex64](), some[mine]())
	println(imagi[complex128](), imagi[complex64](), imagi[mine]())
	println(real1[float32](), real1[int]())
	var c any = complex64(2i)
	println(c.(complex64))
}
