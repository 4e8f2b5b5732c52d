package main

// Deferred functions and method values that reflect makes recover; what Value.Call calls does not.

import "reflect"

type pointer struct{}

func (*pointer) M() { println("pointer", recover() != nil) }

type word uintptr

func (word) M() { println("word", recover() != nil) }

type wide struct{ a, b, c, d, e, f, g, h int }

func (wide) M() { println("wide", recover() != nil) }

func try(f func()) {
	defer func() {
		if recover() != nil {
			println("was left to the next")
		}
	}()
	defer f()
	panic(1)
}

func main() {
	for _, x := range []any{&pointer{}, word(1), wide{}, &wide{}} {
		v := reflect.ValueOf(x)
		try(v.Method(0).Interface().(func()))
		try(func() { v.Method(0).Call(nil) })
		try(x.(interface{ M() }).M)
	}
	made := reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value {
		println("made", recover() != nil)
		return nil
	})
	try(made.Interface().(func()))
	func() {
		defer func() { println("last", recover() != nil) }()
		defer reflect.ValueOf(word.M).Call([]reflect.Value{reflect.ValueOf(word(2))})
		panic(2)
	}()
}
