package decls

import "fmt"
import (
	. "math"
	_ "unsafe"
	str "strings"
)
import /* ERROR import path must be a string */ 12
import x /* ERROR missing import path */ ;

const a, b = 1, 2
const (
	c = iota
	d
	e int = 1
	f /* ERROR unexpected literal 1 in grouped declaration; possibly missing semicolon or newline or \) */ 1
)
const g /* ERROR unexpected :=, expected = */ := 1

var h, i int
var j, k = 1, 2
var l // ERROR unexpected newline, expected type

/* ERROR imports must appear before other declarations */ import "late"

type m int
type n = m
type (
	o struct{}
	p interface{}
)
type q /* ERROR unexpected semicolon in type declaration */ ;

func r()
func s() {}
func (t T) u() {}
func () /* ERROR method has no receiver */ v() {}
func (a, b T) /* ERROR method has multiple receivers */ w() {}
func /* ERROR unexpected literal 1, expected name or \( */ 1() {}
func (T) /* ERROR unexpected literal 2, expected name$ */ 2() {}

func x()
/* ERROR unexpected semicolon or newline before { */ {
}

func y() {} /* ERROR unexpected name z after top level declaration */ z

func aa() {}
/* ERROR non-declaration statement outside function body */ bb = 1
