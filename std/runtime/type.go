package runtime

import "unsafe"

// A _type is internal/abi.Type.
type _type struct {
	size       uintptr
	ptrBytes   uintptr
	hash       uint32
	tflag      uint8
	align      uint8
	fieldAlign uint8
	kind       uint8
	equal      func(unsafe.Pointer, unsafe.Pointer) bool
	gcdata     *byte
	str        int32
	ptrToThis  int32
}

const (
	kindArray     = 17
	kindFunc      = 19
	kindInterface = 20
	kindMap       = 21
	kindPointer   = 22
	kindStruct    = 25

	tflagUncommon    = 1 << 0
	tflagDirectIface = 1 << 5
)

func (t *_type) string() string      { return typestring(unsafe.Pointer(t)) }
func (t *_type) isDirectIface() bool { return t.tflag&tflagDirectIface != 0 }

type maptype struct {
	_type
	key, elem *_type
}

type ptrtype struct {
	_type
	elem *_type
}

type arraytype struct {
	_type
	elem, slice *_type
	len         uintptr
}

type structtype struct {
	_type
	pkgPath *byte
	fields  []structfield
}

type structfield struct {
	name   *byte
	typ    *_type
	offset uintptr
}

type interfacetype struct {
	_type
	pkgPath *byte
	methods []struct{ name, typ int32 }
}

type functype struct {
	_type
	inCount  uint16
	outCount uint16 // the top bit says that it is variadic
}

// all gives the types of parameters and results, which stand behind the descriptor.
func (t *functype) all() []*_type {
	const uncommonBytes = 16
	at := unsafe.Sizeof(*t)
	if t.tflag&tflagUncommon != 0 {
		at += uncommonBytes
	}
	n := int(t.inCount) + int(t.outCount&0x7fff)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((**_type)(unsafe.Add(unsafe.Pointer(t), at)), n)
}

func (t *functype) in() []*_type  { return t.all()[:t.inCount] }
func (t *functype) out() []*_type { return t.all()[t.inCount:] }

type slice struct {
	array    unsafe.Pointer
	len, cap int
}

type iface struct {
	tab  unsafe.Pointer
	data unsafe.Pointer
}

func efaceOf(v *any) *eface { return (*eface)(unsafe.Pointer(v)) }
