package main

import (
	"fmt"
	"reflect"
	"time"
)

type hidden interface{ secret() int }
type T struct{ n int }

func (t *T) secret() int { return t.n }
func (t *T) Shown() int  { return t.n + 1 }

type other struct{ *T }

func main() {
	t := reflect.StructOf([]reflect.StructField{{Name: "Time", Type: reflect.TypeOf(time.Time{}), Anonymous: true}})
	_, ok := t.MethodByName("After")
	fmt.Println(ok, t.NumField())
	var x any = &T{4}
	h, ok := x.(hidden)
	fmt.Println(h.secret(), ok)
	x = other{&T{5}}
	h, ok = x.(hidden)
	fmt.Println(h.secret(), ok, reflect.TypeOf(x).NumMethod(), reflect.TypeOf(&T{}).PkgPath() == "", reflect.TypeOf(T{}).PkgPath())
	fmt.Println(reflect.TypeOf(x).Implements(reflect.TypeOf((*hidden)(nil)).Elem()))
}
