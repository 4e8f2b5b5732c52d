package runtime

import "unsafe"

// Finalizers, cleanups and weak pointers: the Rust runtime keeps them by the object's address (mem::specials)
// and hands over those that are due to a goroutine, which runs them.

// addspecial remembers fn (and arg) for the object that p lies in; gives its number, 0 where p is not in the
// heap, -1 where the object has a finalizer already.
func addspecial(kind int, p, fn, arg unsafe.Pointer) int

// removespecial forgets the object's finalizer (id 0), or a cleanup by its number.
func removespecial(kind int, p unsafe.Pointer, id int)

// nextspecial takes one that is due; 0: it waited for one, and it is time to ask again.
func nextspecial(out *dueSpecial) int

// objectbase gives the start of the object that p lies in, and its size, 0 where tiny objects share a block; nil
// outside of the heap.
func objectbase(p unsafe.Pointer) (unsafe.Pointer, int)

// weakhandle gives a word that holds p until the object is gone, the same one for the same p.
func weakhandle(p unsafe.Pointer) unsafe.Pointer

// A dueSpecial is mem::specials::Due.
type dueSpecial struct {
	kind int
	obj  unsafe.Pointer
	fn   unsafe.Pointer
	arg  unsafe.Pointer
}

const (
	specialFinalizer = iota
	specialCleanup
)

var finalizerGoroutine int

// startFinalizers starts the goroutine once.
func startFinalizers() {
	if once(&finalizerGoroutine) != 0 {
		run := runFinalizers
		newsystemproc(*(*unsafe.Pointer)(unsafe.Pointer(&run)))
	}
}

// once gives 1 the first time.
func once(word *int) int

// newsystemproc starts a goroutine of the runtime's own.
func newsystemproc(f unsafe.Pointer)

func runFinalizers() {
	for {
		runDue()
	}
}

// runDue is a function of its own, so that nothing of the last one stays in the frame that waits.
//
//go:noinline
func runDue() {
	var due dueSpecial
	for nextspecial(&due) == 0 {
	}
	if due.kind == specialCleanup {
		fn := *(*func())(unsafe.Pointer(&due.fn))
		fn()
		return
	}
	callFinalizer(due.fn, (*functype)(due.arg), due.obj)
}

// A finalizer keeps the type of the object beside its own.
type finalizerTypes struct {
	fn  *functype
	obj *_type
}

// callFinalizer calls fn with the object. What it returns is not needed, but has to have its place.
func callFinalizer(fn unsafe.Pointer, types *functype, obj unsafe.Pointer) {
	t := (*finalizerTypes)(unsafe.Pointer(types))
	param := t.fn.in()[0]
	first, second := obj, unsafe.Pointer(nil)
	words := 1
	if param.kind&31 == kindInterface {
		inter := (*interfacetype)(unsafe.Pointer(param))
		first, second = unsafe.Pointer(t.obj), obj
		if len(inter.methods) > 0 {
			first = asserte2i(unsafe.Pointer(inter), unsafe.Pointer(t.obj))
		}
		words = 2
	}
	var area [64]unsafe.Pointer
	call := callArgs{fn: *(*unsafe.Pointer)(fn), ctx: fn}
	n := 0
	for _, r := range t.fn.out() {
		if inMemory(r) {
			call.ints[n] = newobject(unsafe.Pointer(r))
			n++
		}
	}
	call.ints[n] = first
	if words == 2 {
		call.ints[n+1] = second
	}
	n += words
	// Whether there is an overflow area does not matter to a function that needs none: its context is in
	// every register behind the arguments.
	call.ints[n] = unsafe.Pointer(&area)
	if fitsRegisters(t.fn.out()) {
		call.ints[n] = fn
	} else {
		call.ints[n+1] = fn
	}
	callGo(&call)
}

// callArgs are the registers of a call (arch/reflect.s).
type callArgs struct {
	fn     unsafe.Pointer
	ctx    unsafe.Pointer
	ints   [6]unsafe.Pointer
	floats [8]float64
}

//go:linkname callGo runtime.reflectcall
func callGo(*callArgs)

// parts counts the scalars of a value (lower::layout); more than four live in memory.
func parts(t *_type) (ints, floats int, mem bool) {
	switch t.kind & 31 {
	case 13, 14:
		return 0, 1, false
	case 15, 16:
		return 0, 2, false
	case 24, kindInterface:
		return 2, 0, false
	case 23:
		return 3, 0, false
	case kindArray:
		a := (*arraytype)(unsafe.Pointer(t))
		if a.len == 0 {
			return 0, 0, false
		}
		if a.len == 1 {
			return parts(a.elem)
		}
		return 0, 0, true
	case kindStruct:
		for _, f := range (*structtype)(unsafe.Pointer(t)).fields {
			i, fl, m := parts(f.typ)
			ints, floats, mem = ints+i, floats+fl, mem || m || ints+floats+i+fl > 4
		}
		return ints, floats, mem
	}
	return 1, 0, false
}

func inMemory(t *_type) bool {
	_, _, mem := parts(t)
	return mem
}

func fitsRegisters(results []*_type) bool {
	ints, floats := 0, 0
	for _, r := range results {
		if i, f, mem := parts(r); !mem {
			ints, floats = ints+i, floats+f
		}
	}
	return ints <= 8 && floats <= 8
}

// SetFinalizer sets the finalizer associated with obj to the provided finalizer function.
func SetFinalizer(obj any, finalizer any) {
	e := efaceOf(&obj)
	etyp := (*_type)(e.typ)
	if etyp == nil {
		throw("runtime.SetFinalizer: first argument is nil")
	}
	if etyp.kind&31 != kindPointer {
		throw("runtime.SetFinalizer: first argument is " + etyp.string() + ", not pointer")
	}
	ot := (*ptrtype)(unsafe.Pointer(etyp))
	if ot.elem == nil {
		throw("nil elem type!")
	}
	if e.data == nil {
		throw("runtime.SetFinalizer: pointer is nil")
	}
	base, _ := objectbase(e.data)
	if base == nil {
		// Variables of the program live as long as it does; their finalizers never run.
		if ot.elem.size == 0 || inheap(uintptr(e.data)) == 0 {
			return
		}
		throw("runtime.SetFinalizer: pointer not in heap")
	}
	if e.data != base && !(ot.elem.ptrBytes == 0 && ot.elem.size < 16) {
		throw("runtime.SetFinalizer: pointer not at beginning of allocated block")
	}
	f := efaceOf(&finalizer)
	ftyp := (*_type)(f.typ)
	if ftyp == nil {
		removespecial(specialFinalizer, e.data, 0)
		return
	}
	if ftyp.kind&31 != kindFunc {
		throw("runtime.SetFinalizer: second argument is " + ftyp.string() + ", not a function")
	}
	ft := (*functype)(unsafe.Pointer(ftyp))
	if ft.outCount>>15 != 0 {
		throw("runtime.SetFinalizer: cannot pass " + etyp.string() + " to finalizer " + ftyp.string() + " because dotdotdot")
	}
	if ft.inCount != 1 || !finalizerTakes(ft.in()[0], etyp) {
		throw("runtime.SetFinalizer: cannot pass " + etyp.string() + " to finalizer " + ftyp.string())
	}
	startFinalizers()
	types := &finalizerTypes{ft, etyp}
	if addspecial(specialFinalizer, e.data, f.data, unsafe.Pointer(types)) < 0 {
		throw("runtime.SetFinalizer: finalizer already set")
	}
	KeepAlive(obj)
}

func finalizerTakes(param, etyp *_type) bool {
	switch {
	case param == etyp:
		return true
	case param.kind&31 == kindPointer:
		// Types that are assignable: one of them has no name, and what they point to is the same.
		named := param.tflag&etyp.tflag&tflagNamed != 0
		return !named && (*ptrtype)(unsafe.Pointer(param)).elem == (*ptrtype)(unsafe.Pointer(etyp)).elem
	case param.kind&31 == kindInterface:
		inter := (*interfacetype)(unsafe.Pointer(param))
		return len(inter.methods) == 0 || getitab(unsafe.Pointer(inter), unsafe.Pointer(etyp)) != nil
	}
	return false
}

const tflagNamed = 1 << 2

func getitab(inter, t unsafe.Pointer) unsafe.Pointer

// AddCleanup attaches a cleanup function to ptr. Some time after ptr is no longer reachable, the runtime
// will call cleanup(arg) in a separate goroutine.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	p := unsafe.Pointer(ptr)
	if p == nil {
		panic(plainError("runtime.AddCleanup: ptr is nil"))
	}
	base, size := objectbase(p)
	if size == 0 {
		// It may share its block with others.
		base, size = p, int(unsafe.Sizeof(*ptr))
	}
	if a := any(arg); isPointer(&a) && base != nil {
		q := efaceOf(&a).data
		if q == p {
			panic(plainError("runtime.AddCleanup: ptr is equal to arg, cleanup will never run"))
		}
		if uintptr(q) >= uintptr(base) && uintptr(q) < uintptr(base)+uintptr(size) {
			panic(plainError("runtime.AddCleanup: ptr is within arg, cleanup will never run"))
		}
	}
	fn := func() { cleanup(arg) }
	return Cleanup{addCleanup(p, fn), uintptr(p)}
}

func isPointer(a *any) bool {
	t := (*_type)(efaceOf(a).typ)
	return t != nil && t.kind&31 == kindPointer
}

// addCleanup is not generic, so that its callers need nothing of this package.
//
//go:noinline
func addCleanup(p unsafe.Pointer, fn func()) uint64 {
	startFinalizers()
	id := addspecial(specialCleanup, p, *(*unsafe.Pointer)(unsafe.Pointer(&fn)), nil)
	KeepAlive(p)
	return uint64(id)
}

// Cleanup is a handle to a cleanup call for a specific object.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

// Stop cancels the cleanup call.
func (c Cleanup) Stop() {
	if c.id != 0 {
		removespecial(specialCleanup, *(*unsafe.Pointer)(unsafe.Pointer(&c.ptr)), int(c.id))
	}
}

//go:linkname weak_register weak.runtime_registerWeakPointer
func weak_register(p unsafe.Pointer) unsafe.Pointer { return weakhandle(p) }

//go:linkname weak_strong weak.runtime_makeStrongFromWeak
func weak_strong(handle unsafe.Pointer) unsafe.Pointer {
	if handle == nil {
		return nil
	}
	return *(*unsafe.Pointer)(handle)
}

// A Pinner is a set of Go objects each pinned to a fixed location in memory. Nothing moves here: an object
// that is pinned has only to stay alive.
type Pinner struct {
	*pinner
}

type pinner struct {
	refs []unsafe.Pointer
}

// Pin pins a Go object, preventing it from being moved or freed by the garbage collector until Unpin.
func (p *Pinner) Pin(pointer any) {
	e := efaceOf(&pointer)
	t := (*_type)(e.typ)
	if t == nil {
		panic(errorString("runtime.Pinner: argument is nil"))
	}
	if k := t.kind & 31; k != kindPointer && k != 26 {
		panic(errorString("runtime.Pinner: argument is not a pointer: " + t.string()))
	}
	if p.pinner == nil {
		p.pinner = new(pinner)
		SetFinalizer(p.pinner, func(i *pinner) {
			if len(i.refs) != 0 {
				throw("runtime.Pinner: found leaking pinned pointer; forgot to call Unpin?")
			}
		})
	}
	p.refs = append(p.refs, e.data)
}

// Unpin unpins all pinned objects of the Pinner.
func (p *Pinner) Unpin() {
	if p.pinner != nil {
		p.refs = nil
	}
}

func finalizersidle() bool

// blockUntilEmpty waits, for tests of std, until what was due has run, timeout nanoseconds at most.
func blockUntilEmpty(timeout int64) bool {
	for deadline := nanotime() + timeout; !finalizersidle(); timesleep(100_000) {
		if timeout >= 0 && nanotime() > deadline {
			return false
		}
	}
	return true
}

//go:linkname sync_test_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func sync_test_blockUntilEmptyCleanupQueue(timeout int64) bool { return blockUntilEmpty(timeout) }

//go:linkname unique_blockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func unique_blockUntilEmptyCleanupQueue(timeout int64) bool { return blockUntilEmpty(timeout) }
