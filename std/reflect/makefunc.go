package reflect

import (
	"internal/abi"
	"unsafe"
)

// The beginning of a function value that reflect makes: the code of a stub for the register in which its
// address travels, and that of the Go function which the stub calls (arch/reflect.s).
type stubClosure struct {
	stub, handler uintptr
}

// A stubFrame is in the stub's frame.
type stubFrame struct {
	ints      [regInts + 1]uintptr
	floats    [regFloats]uint64
	outInts   [resultInts]unsafe.Pointer
	outFloats [resultFloats]uint64
}

// One for each register.
func makeFuncStub0()
func makeFuncStub1()
func makeFuncStub2()
func makeFuncStub3()
func makeFuncStub4()
func makeFuncStub5()

var makeFuncStubs = [...]func(){makeFuncStub0, makeFuncStub1, makeFuncStub2, makeFuncStub3, makeFuncStub4, makeFuncStub5}

func newStubClosure(plan *callPlan, handler uintptr) stubClosure {
	return stubClosure{abi.FuncPCABI0(makeFuncStubs[plan.closure]), handler}
}

type makeFuncImpl struct {
	stubClosure
	ftyp *funcType
	fn   func([]Value) []Value
}

// MakeFunc returns a new function of the given [Type] that wraps the function fn. When called, that new
// function converts its arguments to a slice of Values, runs results := fn(args), and returns the results, of
// which there must be as many as the type has, of its types. The final Value for a variadic function is a
// slice.
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	t := typ.common()
	typ = toType(t)
	if typ.Kind() != Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	ftyp := (*funcType)(unsafe.Pointer(t))
	closure := newStubClosure(planOf(ftyp, false), abi.FuncPCABIInternal(callReflect))
	impl := &makeFuncImpl{closure, ftyp, fn}
	return Value{t, unsafe.Pointer(impl), flag(Func)}
}

// area gives the overflow area of the call that the stub stands for.
func (f *stubFrame) area(plan *callPlan) []unsafe.Pointer {
	if plan.area < 0 {
		return nil
	}
	return unsafe.Slice(*(**unsafe.Pointer)(unsafe.Pointer(&f.ints[plan.area])), plan.areaWords)
}

// word is the address of an argument's scalar.
func (f *stubFrame) word(s *part, area []unsafe.Pointer) unsafe.Pointer {
	switch {
	case s.inArea:
		return unsafe.Pointer(&area[s.at])
	case s.isFloat:
		return unsafe.Pointer(&f.floats[s.at])
	}
	return unsafe.Pointer(&f.ints[s.at])
}

// arguments makes Values of the stub's arguments.
func (f *stubFrame) arguments(t *funcType, plan *callPlan, area []unsafe.Pointer) []Value {
	in := make([]Value, len(plan.params))
	for i := range plan.params {
		typ, at := t.In(i), &plan.params[i]
		kind := flag(typ.Kind())
		switch {
		case typ.Size_ == 0:
			in[i] = Zero(toRType(typ))
		case typ.IsDirectIface():
			in[i] = Value{typ, *(*unsafe.Pointer)(f.word(&at.parts[0], area)), kind}
		case at.inMemory:
			p := unsafe_New(typ)
			typedmemmove(typ, p, *(*unsafe.Pointer)(f.word(&at.parts[0], area)))
			in[i] = Value{typ, p, flagIndir | kind}
		default:
			p := unsafe_New(typ)
			for j := range at.parts {
				s := &at.parts[j]
				memmove(add(p, s.offset, "inside the value"), f.word(s, area), s.size)
			}
			in[i] = Value{typ, p, flagIndir | kind}
		}
	}
	return in
}

// result puts a result to where the stub's caller will find it.
func (f *stubFrame) result(at *place, typ *abi.Type, v Value, area []unsafe.Pointer) {
	if typ.Size_ == 0 {
		return
	}
	from := v.ptr
	if v.flag&flagIndir == 0 {
		from = unsafe.Pointer(&v.ptr)
	}
	if at.inMemory {
		typedmemmove(typ, *(*unsafe.Pointer)(f.word(&at.parts[0], area)), from)
		return
	}
	for j := range at.parts {
		s := &at.parts[j]
		var to unsafe.Pointer
		switch {
		case s.inArea:
			to = unsafe.Pointer(&area[s.at])
		case s.isFloat:
			to = unsafe.Pointer(&f.outFloats[s.at])
		default:
			to = unsafe.Pointer(&f.outInts[s.at])
		}
		memmove(to, add(from, s.offset, "inside the value"), s.size)
	}
}

// callReflect is what the stub of MakeFunc calls.
func callReflect(impl *makeFuncImpl, frame *stubFrame) {
	t, f := impl.ftyp, impl.fn
	plan := planOf(t, false)
	area := frame.area(plan)
	out := f(frame.arguments(t, plan, area))
	if len(out) != t.NumOut() {
		panic("reflect: wrong return count from function created by MakeFunc")
	}
	for i, v := range out {
		typ := t.Out(i)
		if v.typ() == nil {
			panic("reflect: function created by MakeFunc using " + funcName(f) + " returned zero Value")
		}
		if v.flag&flagRO != 0 {
			panic("reflect: function created by MakeFunc using " + funcName(f) +
				" returned value obtained from unexported field")
		}
		if typ.Size_ != 0 {
			v = v.assignTo("reflect.MakeFunc", typ, nil)
		}
		frame.result(&plan.results[i], typ, v, area)
	}
}

type methodValue struct {
	stubClosure
	method int
	rcvr   Value
}

// makeMethodValue makes a function value of a method value, which is a receiver with a method's number.
func makeMethodValue(op string, v Value) Value {
	if v.flag&flagMethod == 0 {
		panic("reflect: internal error: invalid use of makeMethodValue")
	}
	fl := v.flag&(flagRO|flagAddr|flagIndir) | flag(v.typ().Kind())
	rcvr := Value{v.typ(), v.ptr, fl}
	ftyp := (*funcType)(unsafe.Pointer(v.Type().(*rtype)))
	closure := newStubClosure(planOf(ftyp, false), abi.FuncPCABIInternal(callMethod))
	fv := &methodValue{closure, int(v.flag) >> flagMethodShift, rcvr}
	// Panics where the method is not appropriate.
	methodReceiver(op, fv.rcvr, fv.method)
	return Value{ftyp.Common(), unsafe.Pointer(fv), v.flag&flagRO | flag(Func)}
}

// methodValueCallCodePtr is the code of some method values; Pointer gives it for all of them.
func methodValueCallCodePtr() uintptr { return abi.FuncPCABI0(makeFuncStub0) }

// callMethod is what the stub of makeMethodValue calls.
func callMethod(m *methodValue, frame *stubFrame) {
	_, t, _ := methodReceiver("call", m.rcvr, m.method)
	plan := planOf(t, false)
	area := frame.area(plan)
	in := frame.arguments(t, plan, area)
	op := "Call"
	if t.IsVariadic() {
		op = "CallSlice"
	}
	method := m.rcvr
	method.flag = method.flag&^flagRO | flag(m.method)<<flagMethodShift | flagMethod
	for i, v := range method.call(op, in) {
		frame.result(&plan.results[i], t.Out(i), v, area)
	}
}
