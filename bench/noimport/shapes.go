// Calls through interfaces, and closures.
package main

type shape interface{ area() float64 }
type rect struct{ w, h float64 }
type disc struct{ r float64 }

func (r rect) area() float64  { return r.w * r.h }
func (d *disc) area() float64 { return 3 * d.r * d.r }

func fold(shapes []shape, f func(sum, a float64) float64) float64 {
	sum := 0.0
	for _, s := range shapes {
		sum = f(sum, s.area())
	}
	return sum
}

func main() {
	var shapes []shape
	for i := 0; i < 1000; i++ {
		if i%3 == 0 {
			shapes = append(shapes, &disc{float64(i)})
		} else {
			shapes = append(shapes, rect{float64(i), 2})
		}
	}
	scale, total := 0.5, 0.0
	for i := 0; i < 200_000; i++ {
		total += fold(shapes, func(sum, a float64) float64 { return sum + a*scale })
	}
	println(total)
}
