package main

type I interface{ M() }
type S struct{ I }
type V struct{}

func (V) M() { panic("V.M") }
func main()  { var i I = S{V{}}; f := i.M; f() }
