package types

type (
	_ [10]int
	_ [n + 1]int
	_ [...]int
	_ []int
	_ *int
	_ (int)
	_ map[string][]int
	_ chan int
	_ chan<- int
	_ <-chan int
	_ chan (<-chan int)
	_ <- /* ERROR unexpected <-, expected keyword chan */ <-chan int
	_ chan /* ERROR missing channel element type */ ;
	_ func()
	_ func(int, string) bool
	_ func(a, b int, c ...string) (d, e error)
	_ a.B
	_ [10 /* ERROR unexpected comma; expected \] */ , ]int
)

type _ struct {
	a, b int
	c    string "tag"
	D
	*E
	f.G
	*f.H "tag"
	I[int]
	J[int, string]
	K [10]int
	l []int
	/* ERROR cannot parenthesize embedded type */ (M)
	* /* ERROR cannot parenthesize embedded type */ (N)
	/* ERROR unexpected literal 1, expected field name or embedded type */ 1
}

type _ struct {
	/* ERROR cannot parenthesize embedded type */ (*O)
	a int /* ERROR unexpected comma in struct type; possibly missing semicolon or newline or } */ , b int
}

type _ interface {
	m()
	n(a int) (b string)
	error
	fmt.Stringer
	int | ~string
	A[int]
	B[int, string] | C
	o [ /* ERROR empty type parameter list */ ]()
	p [ /* ERROR empty type argument list */ ]
	q /* ERROR interface method must have no type parameters */ [T any]()
	~ /* ERROR unexpected literal 1, expected type */ 1
}

func _(a, b int, c string)
func _(int, string)
func _(a, b int, string /* ERROR missing parameter type */ )
func _(a int, /* ERROR missing parameter name */ []string)
func _(a ... /* ERROR ... is missing type */ )
func _(a /* ERROR can only use ... with final parameter */ ...int, b int)
func _(a, b /* ERROR can only use ... with final parameter */ ...int)
func _() (a /* ERROR invalid use of ... */ ...int)
func _(a int /* ERROR unexpected name b in parameter list; possibly missing comma or \) */ b)
func (a /* ERROR invalid use of ... */ ...T) _()
