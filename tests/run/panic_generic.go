package main

func g[T any](x T) { panic(any(x)) }
func main()        { g("generic") }
