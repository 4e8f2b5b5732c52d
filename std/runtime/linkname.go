package runtime

import "unsafe"

// What the runtime does not export, and yet is taken from it by //go:linkname in modules that many programs use
// (the "hall of shame" of GOROOT's sources), as far as it can be had here.

func add(p unsafe.Pointer, x uintptr) unsafe.Pointer { return unsafe.Add(p, x) }

//go:nosplit
func noescape(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return unsafe.Pointer(x ^ 0)
}

var iscgo bool

func cputicks() int64 { return nanotime() }

func goyield() { gosched() }

func procyield(cycles uint32) {}

// Memory.

func mallocgc(size uintptr, t *_type, needzero bool) unsafe.Pointer {
	switch {
	case t == nil || t.ptrBytes == 0:
		p := rawbytes(int(size))
		if needzero {
			memclr(p, size)
		}
		return p
	case size == t.size:
		return newobject(unsafe.Pointer(t))
	default:
		n := int(size / t.size)
		return makeslice(unsafe.Pointer(t), n, n)
	}
}

func newarray(t *_type, n int) unsafe.Pointer { return reflect_unsafe_NewArray(t, n) }

func memclrNoHeapPointers(p unsafe.Pointer, n uintptr) { memclr(p, n) }

func memclrHasPointers(p unsafe.Pointer, n uintptr) { memclr(p, n) }

//go:linkname reflect_memclrNoHeapPointers reflect.memclrNoHeapPointers
func reflect_memclrNoHeapPointers(p unsafe.Pointer, n uintptr) { memclr(p, n) }

func typedslicecopy(t *_type, dst unsafe.Pointer, dstLen int, src unsafe.Pointer, srcLen int) int {
	return reflect_typedslicecopy(t, slice{dst, dstLen, dstLen}, slice{src, srcLen, srcLen})
}

// Hashes.

func stringHash(s string, seed uintptr) uintptr { return strhash(unsafe.Pointer(&s), seed) }

func typehash(t *_type, p unsafe.Pointer, seed uintptr) uintptr { return reflect_typehash(t, p, seed) }

func nilinterhash(p unsafe.Pointer, seed uintptr) uintptr {
	var x any = (*any)(nil)
	return reflect_typehash((*ptrtype)(efaceOf(&x).typ).elem, p, seed)
}

// Values in interfaces.

func convT64(val uint64) unsafe.Pointer {
	var x any = val
	return efaceOf(&x).data
}

func convTstring(val string) unsafe.Pointer {
	var x any = val
	return efaceOf(&x).data
}

func convTslice(val []byte) unsafe.Pointer {
	var x any = val
	return efaceOf(&x).data
}

// Maps.

func mapaccess1(t, m, key unsafe.Pointer) unsafe.Pointer {
	// Of what is not there this is a zero value.
	elem, _ := mapaccess2(t, m, key)
	return elem
}

func mapaccess2_fast32(t, m unsafe.Pointer, key uint32) (unsafe.Pointer, bool) {
	elem, ok := mapaccess2(t, m, unsafe.Pointer(&key))
	return elem, ok != 0
}

func mapaccess2_fast64(t, m unsafe.Pointer, key uint64) (unsafe.Pointer, bool) {
	elem, ok := mapaccess2(t, m, unsafe.Pointer(&key))
	return elem, ok != 0
}

func mapassign_fast32(t, m unsafe.Pointer, key uint32) unsafe.Pointer {
	return mapassign(t, m, unsafe.Pointer(&key))
}

func mapassign_fast64(t, m unsafe.Pointer, key uint64) unsafe.Pointer {
	return mapassign(t, m, unsafe.Pointer(&key))
}

func mapassign_fast64ptr(t, m, key unsafe.Pointer) unsafe.Pointer {
	return mapassign(t, m, unsafe.Pointer(&key))
}

func mapdelete_fast32(t, m unsafe.Pointer, key uint32) { mapdelete(t, m, unsafe.Pointer(&key)) }

func mapdelete_fast64(t, m unsafe.Pointer, key uint64) { mapdelete(t, m, unsafe.Pointer(&key)) }

// A linknameIter is the iterator of those who iterate over maps by themselves, as reflect once did.
type linknameIter struct {
	key, elem unsafe.Pointer
	typ       unsafe.Pointer
	it        *mapiter
}

//go:linkname reflect_mapiterinit reflect.mapiterinit
func reflect_mapiterinit(t, m unsafe.Pointer, it *linknameIter) {
	it.typ, it.it = t, new(mapiter)
	mapiterstart(t, m, unsafe.Pointer(it.it))
	it.key, it.elem = it.it.key, it.it.elem
}

//go:linkname reflect_mapiternext reflect.mapiternext
func reflect_mapiternext(it *linknameIter) {
	mapiternext(unsafe.Pointer(it.it))
	it.key, it.elem = it.it.key, it.it.elem
}

//go:linkname reflect_mapiterkey reflect.mapiterkey
func reflect_mapiterkey(it *linknameIter) unsafe.Pointer { return it.it.key }

//go:linkname reflect_mapiterelem reflect.mapiterelem
func reflect_mapiterelem(it *linknameIter) unsafe.Pointer { return it.it.elem }

// Types.

//go:linkname reflect_typelinks reflect.typelinks
func reflect_typelinks() ([]unsafe.Pointer, [][]int32) {
	n := int(uintptr(moduleword(moduleTypelinkCount)))
	offsets := unsafe.Slice((*int32)(moduleword(moduleTypelinks)), n)
	return []unsafe.Pointer{moduleword(moduleTypes)}, [][]int32{offsets}
}
