package main

func a()    { defer func() { println("a deferred"); b() }(); var p *int; *p = 3 }
func b()    { defer func() { println("b", recover() != nil) }(); var s []int; println(s[3]) }
func main() { a() }
