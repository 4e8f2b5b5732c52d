package generics

type (
	_[P any]           struct{}
	_[P, Q any]        []P
	_[P *T,]           int
	_[P *T]            int
	_[P *[]int]        int
	_[P (T),]          int
	_[P *T|Q]          int
	_[P *T|~Q]         int
	_[P interface{ m() }] int
	_[P ~int|~string]  int
	_[P []E, E any]    int
	_[P any] = Q[P]
	_[n]int
	_[n * 2]int
	_[f(n)]int
	_[P, /* ERROR missing type constraint */ ]int
)

func _[P any](x P) P                    { return x }
func _[K comparable, V any](m map[K]V)  {}
func _[ /* ERROR empty type parameter list */ ]()  {}
func _[P /* ERROR missing type constraint */ ]()  {}
func _[ /* ERROR missing type parameter name or invalid array length */ []P]() {}
func (r T[P]) m()                       {}
func (r *T[P, Q]) m()                   {}
func (T) m[P any](P)                    {}

var (
	_ T[int]
	_ T[int, string]
	_ p.T[int,]
	_ T[ /* ERROR expected type argument list */ ]
	_ = f[int](1)
	_ = f[int, string]
	_ = T[int]{}
	_ = f[func() int](nil)
)

func _() {
	if x := f[int](y); x {
	}
	for range (T[int]{}) {
	}
	_ = a[b] < c
	_ = f(a < b, c > (d))
}
