package main

func init() { var p *struct{ a [10000]int }; println(p.a[9000]) }
func main() {}
