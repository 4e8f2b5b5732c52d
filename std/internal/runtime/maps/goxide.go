// Package maps is what reflect and hash/maphash need of Go's maps, which are the Rust runtime's.
package maps

import (
	"internal/abi"
	"unsafe"
)

// Use64BitHash says that hashes have 64 bits.
const Use64BitHash = true

// A Map is known to the runtime alone.
type Map struct {
	used uint64
}

// An Iter is an iterator of the runtime, and whether it has begun.
type Iter struct {
	state struct {
		key, elem, m, groups unsafe.Pointer
		rest                 [12]uintptr
	}
	typ *abi.MapType
	m   *Map
}

// Init prepares to iterate over m.
func (it *Iter) Init(t *abi.MapType, m *Map) {
	it.typ = t
	it.m = m
	it.state.groups = nil
}

// Initialized says whether Init has been called.
func (it *Iter) Initialized() bool { return it.typ != nil }

// Map returns the map that is iterated over.
func (it *Iter) Map() *Map { return it.m }

// Key returns a pointer to the key, nil at the end.
func (it *Iter) Key() unsafe.Pointer { return it.state.key }

// Elem returns a pointer to the element, nil at the end.
func (it *Iter) Elem() unsafe.Pointer { return it.state.elem }

// Next goes to the first entry, and then to the one after it.
func (it *Iter) Next() {
	if it.state.groups == nil {
		iterstart(unsafe.Pointer(it.typ), unsafe.Pointer(it.m), unsafe.Pointer(&it.state))
		return
	}
	iternext(unsafe.Pointer(&it.state))
}

//go:linkname iterstart
func iterstart(t, m, it unsafe.Pointer)

//go:linkname iternext
func iternext(it unsafe.Pointer)
