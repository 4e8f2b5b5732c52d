package runtime

import "unsafe"

// What packages reflect, internal/reflectlite and maps take from the runtime.

// Entries of the Rust runtime; also called by compiled code.
func newobject(t unsafe.Pointer) unsafe.Pointer
func makeslice(elem unsafe.Pointer, len, cap int) unsafe.Pointer
func growslice(old unsafe.Pointer, newLen, oldCap, added int, elem unsafe.Pointer) (unsafe.Pointer, int)
func memmove(dst, src unsafe.Pointer, n uintptr)
func memclr(p unsafe.Pointer, n uintptr)
func asserte2i(inter, t unsafe.Pointer) unsafe.Pointer
func makemap(t unsafe.Pointer, hint int) unsafe.Pointer
func mapaccess2(t, m, key unsafe.Pointer) (unsafe.Pointer, int)
func mapaccess2_faststr(t, m unsafe.Pointer, key string) (unsafe.Pointer, int)
func mapassign(t, m, key unsafe.Pointer) unsafe.Pointer
func mapassign_faststr(t, m unsafe.Pointer, key string) unsafe.Pointer
func mapdelete(t, m, key unsafe.Pointer)
func mapdelete_faststr(t, m unsafe.Pointer, key string)
func mapclear(t, m unsafe.Pointer)
func mapiterstart(t, m, it unsafe.Pointer)
func mapiternext(it unsafe.Pointer)
func makechan(t unsafe.Pointer, size int) unsafe.Pointer
func chansend1(c, elem unsafe.Pointer)
func chanrecv1(c, elem unsafe.Pointer) int
func closechan(c unsafe.Pointer)
func selectgo(cases unsafe.Pointer, sends, recvs, block int) (int, int)
func selectnbsend(c, elem unsafe.Pointer) int
func selectnbrecv(elem, c unsafe.Pointer) (int, int)

// rawbytes allocates n bytes that are not zeroed.
func rawbytes(n int) unsafe.Pointer

// addreflectoff gives an offset, always below 0, by which resolvereflectoff finds the pointer.
func addreflectoff(p unsafe.Pointer) int
func resolvereflectoff(off int) unsafe.Pointer

// moduleword gives one of what the constants below name.
func moduleword(which int) unsafe.Pointer

// inheap says whether the address is one of the Go heap.
func inheap(p uintptr) int

const (
	moduleTypes = iota
	moduleText
	moduleTypelinkCount
	moduleTypelinks
	moduleStaticUint64s
)

// roundupsize gives the bytes of an object for n bytes without pointers.
func roundupsize(n int) int

//go:linkname bytealg_MakeNoZero internal/bytealg.MakeNoZero
func bytealg_MakeNoZero(n int) []byte {
	if n < 0 {
		panic(errorString("makeslice: len out of range"))
	}
	size := roundupsize(n)
	return unsafe.Slice((*byte)(rawbytes(size)), size)[:n]
}

func typedmemmove(t *_type, dst, src unsafe.Pointer) {
	if dst != src {
		memmove(dst, src, t.size)
	}
}

//go:linkname reflect_typedmemmove reflect.typedmemmove
func reflect_typedmemmove(t *_type, dst, src unsafe.Pointer) { typedmemmove(t, dst, src) }

//go:linkname reflectlite_typedmemmove internal/reflectlite.typedmemmove
func reflectlite_typedmemmove(t *_type, dst, src unsafe.Pointer) { typedmemmove(t, dst, src) }

//go:linkname reflect_memmove reflect.memmove
func reflect_memmove(dst, src unsafe.Pointer, n uintptr) { memmove(dst, src, n) }

//go:linkname reflect_typedmemclr reflect.typedmemclr
func reflect_typedmemclr(t *_type, p unsafe.Pointer) { memclr(p, t.size) }

//go:linkname reflect_typedmemclrpartial reflect.typedmemclrpartial
func reflect_typedmemclrpartial(t *_type, p unsafe.Pointer, off, size uintptr) { memclr(p, size) }

//go:linkname reflect_typedarrayclear reflect.typedarrayclear
func reflect_typedarrayclear(elem *_type, p unsafe.Pointer, len int) {
	memclr(p, elem.size*uintptr(len))
}

//go:linkname reflect_typedslicecopy reflect.typedslicecopy
func reflect_typedslicecopy(elem *_type, dst, src slice) int {
	n := min(dst.len, src.len)
	if n > 0 {
		memmove(dst.array, src.array, uintptr(n)*elem.size)
	}
	return n
}

//go:linkname reflect_growslice reflect.growslice
func reflect_growslice(elem *_type, old slice, num int) slice {
	// Grow for num more than the capacity, and keep the length.
	num -= old.cap - old.len
	array, newcap := growslice(old.array, old.cap+num, old.cap, num, unsafe.Pointer(elem))
	if elem.ptrBytes == 0 {
		from := uintptr(old.cap) * elem.size
		memclr(unsafe.Add(array, from), uintptr(newcap)*elem.size-from)
	}
	return slice{array, old.len, newcap}
}

//go:linkname reflect_unsafeslice reflect.unsafeslice
func reflect_unsafeslice(elem *_type, p unsafe.Pointer, len int) {
	if len < 0 {
		panicunsafeslicelen()
	}
	if p == nil && len > 0 {
		panicunsafeslicenilptr()
	}
	if elem.size > 0 && uintptr(len) > -uintptr(p)/elem.size {
		panicunsafeslicelen()
	}
}

//go:linkname reflect_unsafe_New reflect.unsafe_New
func reflect_unsafe_New(t *_type) unsafe.Pointer { return newobject(unsafe.Pointer(t)) }

//go:linkname reflectlite_unsafe_New internal/reflectlite.unsafe_New
func reflectlite_unsafe_New(t *_type) unsafe.Pointer { return newobject(unsafe.Pointer(t)) }

//go:linkname reflect_unsafe_NewArray reflect.unsafe_NewArray
func reflect_unsafe_NewArray(t *_type, n int) unsafe.Pointer {
	const maxAlloc = 1 << 48
	if n < 0 || t.size > 0 && uintptr(n) > maxAlloc/t.size {
		panic(plainError("runtime: allocation size out of range"))
	}
	return makeslice(unsafe.Pointer(t), n, n)
}

//go:linkname reflect_verifyNotInHeapPtr reflect.verifyNotInHeapPtr
func reflect_verifyNotInHeapPtr(p uintptr) bool { return inheap(p) == 0 }

func ifaceE2I(inter *interfacetype, e eface, dst *iface) {
	dst.tab = asserte2i(unsafe.Pointer(inter), e.typ)
	dst.data = e.data
}

//go:linkname reflect_ifaceE2I reflect.ifaceE2I
func reflect_ifaceE2I(inter *interfacetype, e eface, dst *iface) { ifaceE2I(inter, e, dst) }

//go:linkname reflectlite_ifaceE2I internal/reflectlite.ifaceE2I
func reflectlite_ifaceE2I(inter *interfacetype, e eface, dst *iface) { ifaceE2I(inter, e, dst) }

// Offsets of names, types and code.

func resolveOff(off int32, base int) unsafe.Pointer {
	if off < 0 {
		return resolvereflectoff(int(off))
	}
	return unsafe.Add(moduleword(base), off)
}

func resolveNameOff(off int32) unsafe.Pointer {
	if off == 0 {
		return nil
	}
	return resolveOff(off, moduleTypes)
}

func resolveTypeOff(off int32) unsafe.Pointer {
	// -1 is the type of a method that the linker left out.
	if off == 0 || off == -1 {
		return nil
	}
	return resolveOff(off, moduleTypes)
}

//go:linkname reflect_resolveNameOff reflect.resolveNameOff
func reflect_resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return resolveNameOff(off)
}

//go:linkname reflectlite_resolveNameOff internal/reflectlite.resolveNameOff
func reflectlite_resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return resolveNameOff(off)
}

//go:linkname reflect_resolveTypeOff reflect.resolveTypeOff
func reflect_resolveTypeOff(t unsafe.Pointer, off int32) unsafe.Pointer { return resolveTypeOff(off) }

//go:linkname reflectlite_resolveTypeOff internal/reflectlite.resolveTypeOff
func reflectlite_resolveTypeOff(t unsafe.Pointer, off int32) unsafe.Pointer {
	return resolveTypeOff(off)
}

func unreachableMethod() { throw("unreachable method called. linker bug?") }

//go:linkname reflect_resolveTextOff reflect.resolveTextOff
func reflect_resolveTextOff(t unsafe.Pointer, off int32) unsafe.Pointer {
	if off == -1 {
		f := unreachableMethod
		return **(**unsafe.Pointer)(unsafe.Pointer(&f))
	}
	return resolveOff(off, moduleText)
}

//go:linkname reflect_addReflectOff reflect.addReflectOff
func reflect_addReflectOff(p unsafe.Pointer) int32 { return int32(addreflectoff(p)) }

var typelinksCache []*_type

//go:linkname reflect_compiledTypelinks reflect.compiledTypelinks
func reflect_compiledTypelinks() ([]*_type, [][]*_type) {
	if typelinksCache == nil {
		n := int(uintptr(moduleword(moduleTypelinkCount)))
		offs := unsafe.Slice((*int32)(moduleword(moduleTypelinks)), n)
		list := make([]*_type, n)
		for i, off := range offs {
			list[i] = (*_type)(resolveTypeOff(off))
		}
		typelinksCache = list
	}
	return typelinksCache, nil
}

//go:linkname reflect_adjustAIXGCDataForRuntime reflect.adjustAIXGCDataForRuntime
func reflect_adjustAIXGCDataForRuntime(p *byte) *byte { return p }

// The table of small integers, to which interfaces point.
func getStaticuint64s() *[256]uint64 { return (*[256]uint64)(moduleword(moduleStaticUint64s)) }

// Maps.

//go:linkname reflect_makemap reflect.makemap
func reflect_makemap(t *_type, hint int) unsafe.Pointer { return makemap(unsafe.Pointer(t), hint) }

//go:linkname reflect_mapaccess reflect.mapaccess
func reflect_mapaccess(t *_type, m, key unsafe.Pointer) unsafe.Pointer {
	elem, ok := mapaccess2(unsafe.Pointer(t), m, key)
	if ok == 0 {
		return nil
	}
	return elem
}

//go:linkname reflect_mapaccess_faststr reflect.mapaccess_faststr
func reflect_mapaccess_faststr(t *_type, m unsafe.Pointer, key string) unsafe.Pointer {
	elem, ok := mapaccess2_faststr(unsafe.Pointer(t), m, key)
	if ok == 0 {
		return nil
	}
	return elem
}

//go:linkname reflect_mapassign reflect.mapassign0
func reflect_mapassign(t *maptype, m, key, elem unsafe.Pointer) {
	typedmemmove(t.elem, mapassign(unsafe.Pointer(t), m, key), elem)
}

//go:linkname reflect_mapassign_faststr reflect.mapassign_faststr0
func reflect_mapassign_faststr(t *maptype, m unsafe.Pointer, key string, elem unsafe.Pointer) {
	typedmemmove(t.elem, mapassign_faststr(unsafe.Pointer(t), m, key), elem)
}

//go:linkname reflect_mapdelete reflect.mapdelete
func reflect_mapdelete(t *_type, m, key unsafe.Pointer) { mapdelete(unsafe.Pointer(t), m, key) }

//go:linkname reflect_mapdelete_faststr reflect.mapdelete_faststr
func reflect_mapdelete_faststr(t *_type, m unsafe.Pointer, key string) {
	mapdelete_faststr(unsafe.Pointer(t), m, key)
}

func maplen(m unsafe.Pointer) int {
	if m == nil {
		return 0
	}
	return *(*int)(m)
}

//go:linkname reflect_maplen reflect.maplen
func reflect_maplen(m unsafe.Pointer) int { return maplen(m) }

//go:linkname reflectlite_maplen internal/reflectlite.maplen
func reflectlite_maplen(m unsafe.Pointer) int { return maplen(m) }

//go:linkname reflect_mapclear reflect.mapclear
func reflect_mapclear(t *_type, m unsafe.Pointer) { mapclear(unsafe.Pointer(t), m) }

//go:linkname maps_iterstart internal/runtime/maps.iterstart
func maps_iterstart(t, m, it unsafe.Pointer) { mapiterstart(t, m, it) }

//go:linkname maps_iternext internal/runtime/maps.iternext
func maps_iternext(it unsafe.Pointer) { mapiternext(it) }

// A mapiter is an iterator of the Rust runtime (abi::layout::MAP_ITER_BYTES).
type mapiter struct {
	key, elem unsafe.Pointer
	rest      [14]unsafe.Pointer
}

//go:linkname maps_clone maps.clone
func maps_clone(m any) any {
	e := efaceOf(&m)
	t := (*maptype)(e.typ)
	clone := makemap(e.typ, maplen(e.data))
	var it mapiter
	for mapiterstart(e.typ, e.data, unsafe.Pointer(&it)); it.key != nil; mapiternext(unsafe.Pointer(&it)) {
		typedmemmove(t.elem, mapassign(e.typ, clone, it.key), it.elem)
	}
	e.data = clone
	return m
}

// Channels.

//go:linkname reflect_makechan reflect.makechan
func reflect_makechan(t *_type, size int) unsafe.Pointer { return makechan(unsafe.Pointer(t), size) }

//go:linkname reflect_chansend reflect.chansend0
func reflect_chansend(c, elem unsafe.Pointer, nb bool) bool {
	if nb {
		return selectnbsend(c, elem) != 0
	}
	chansend1(c, elem)
	return true
}

//go:linkname reflect_chanrecv reflect.chanrecv
func reflect_chanrecv(c unsafe.Pointer, nb bool, elem unsafe.Pointer) (selected, received bool) {
	if nb {
		s, r := selectnbrecv(elem, c)
		return s != 0, r != 0
	}
	return true, chanrecv1(c, elem) != 0
}

func chanword(c unsafe.Pointer, offset uintptr) int {
	if c == nil {
		return 0
	}
	return *(*int)(unsafe.Add(c, offset))
}

//go:linkname reflect_chanlen reflect.chanlen
func reflect_chanlen(c unsafe.Pointer) int { return chanword(c, 0) }

//go:linkname reflectlite_chanlen internal/reflectlite.chanlen
func reflectlite_chanlen(c unsafe.Pointer) int { return chanword(c, 0) }

//go:linkname reflect_chancap reflect.chancap
func reflect_chancap(c unsafe.Pointer) int { return chanword(c, 8) }

//go:linkname reflect_chanclose reflect.chanclose
func reflect_chanclose(c unsafe.Pointer) { closechan(c) }

// A runtimeSelect is a case of reflect.Select.
type runtimeSelect struct {
	dir uintptr
	typ unsafe.Pointer
	ch  unsafe.Pointer
	val unsafe.Pointer
}

const (
	_ = iota
	selectSend
	selectRecv
	selectDefault
)

type scase struct{ c, elem unsafe.Pointer }

//go:linkname reflect_rselect reflect.rselect
func reflect_rselect(cases []runtimeSelect) (int, bool) {
	// Sends come first, then receives.
	order := make([]scase, 0, len(cases))
	index := make([]int, 0, len(cases))
	dflt := -1
	for _, dir := range [...]uintptr{selectSend, selectRecv} {
		for i := range cases {
			if cases[i].dir == dir {
				order = append(order, scase{cases[i].ch, cases[i].val})
				index = append(index, i)
			}
		}
	}
	sends := 0
	for i := range cases {
		switch cases[i].dir {
		case selectSend:
			sends++
		case selectDefault:
			dflt = i
		}
	}
	if len(order) == 0 {
		if dflt >= 0 {
			return dflt, false
		}
		select {}
	}
	block := 1
	if dflt >= 0 {
		block = 0
	}
	chosen, received := selectgo(unsafe.Pointer(&order[0]), sends, len(order)-sends, block)
	if chosen < 0 {
		return dflt, false
	}
	return index[chosen], received != 0
}

func pointermask(object unsafe.Pointer, mask *byte)

// gcbits is for reflect's tests: which words of the object that x points to are pointers, up to the last one.
// Of a variable its type tells.
//
//go:linkname reflect_gcbits reflect.gcbits
func reflect_gcbits(x any) []byte {
	e := efaceOf(&x)
	object, size := objectbase(e.data)
	if size == 0 {
		t := (*ptrtype)(e.typ).elem
		mask := make([]byte, t.ptrBytes/8)
		markPointers(mask, t, 0)
		return mask
	}
	mask := make([]byte, size/8)
	pointermask(object, &mask[0])
	for len(mask) > 0 && mask[len(mask)-1] == 0 {
		mask = mask[:len(mask)-1]
	}
	return mask
}

const tflagGCMaskOnDemand = 1 << 4

func markPointers(mask []byte, t *_type, word uintptr) {
	switch {
	case t.ptrBytes == 0:
	case t.tflag&tflagGCMaskOnDemand == 0:
		bits := unsafe.Slice(t.gcdata, (t.ptrBytes/8+7)/8)
		for i := range t.ptrBytes / 8 {
			mask[word+i] = bits[i/8] >> (i % 8) & 1
		}
	case t.kind&31 == kindArray:
		a := (*arraytype)(unsafe.Pointer(t))
		for i := range a.len {
			markPointers(mask, a.elem, word+i*a.elem.size/8)
		}
	case t.kind&31 == kindStruct:
		for _, f := range (*structtype)(unsafe.Pointer(t)).fields {
			markPointers(mask, f.typ, word+f.offset/8)
		}
	}
}
