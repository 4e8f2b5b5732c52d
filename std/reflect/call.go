package reflect

import (
	"internal/abi"
	"runtime"
	"sync"
	"unsafe"
)

// The calling convention of crates/abi/src/lib.rs: values are taken apart into scalars; those that do not fit
// in registers go through an overflow area in memory, whose address is then one more integer argument; the
// closure's address is the last one. A value of more than maxParts scalars is passed by its address, and
// returned at an address that the caller gives before all other arguments.
const (
	maxParts     = 4
	regInts      = 5
	regFloats    = 8
	resultInts   = 8
	resultFloats = 8
)

// A part is a scalar of a value.
type part struct {
	offset  uintptr
	size    uintptr
	isFloat bool
	// Where it travels: a register's number, or a word of the overflow area.
	inArea bool
	at     int
}

// A place is how a parameter or a result travels.
type place struct {
	// The value is in memory; its address is the only part.
	inMemory bool
	parts    []part
}

// A callPlan says how the arguments and results of a function type travel.
type callPlan struct {
	params, results []place
	receiver        part
	// Integer registers of the area and of the closure; area is -1 if there is none.
	area, closure int
	areaWords     int
}

type planKey struct {
	t         *funcType
	hasMethod bool
}

var plans sync.Map // of planKey to *callPlan

// partsOf appends the scalars of a value of type t; false: it lives in memory.
func partsOf(list []part, t *abi.Type, offset uintptr) ([]part, bool) {
	ints := func(n uintptr) []part {
		for i := uintptr(0); i < n; i++ {
			list = append(list, part{offset: offset + 8*i, size: 8})
		}
		return list
	}
	switch Kind(t.Kind()) {
	case Float32, Float64:
		return append(list, part{offset: offset, size: t.Size_, isFloat: true}), true
	case Complex64, Complex128:
		half := t.Size_ / 2
		list = append(list, part{offset: offset, size: half, isFloat: true})
		return append(list, part{offset: offset + half, size: half, isFloat: true}), true
	case String, Interface:
		return ints(2), true
	case Slice:
		return ints(3), true
	case Array:
		a := (*arrayType)(unsafe.Pointer(t))
		switch a.Len {
		case 0:
			return list, true
		case 1:
			return partsOf(list, a.Elem, offset)
		}
		return list, false
	case Struct:
		before := len(list)
		s := (*structType)(unsafe.Pointer(t))
		for i := range s.Fields {
			f := &s.Fields[i]
			var ok bool
			if list, ok = partsOf(list, f.Typ, offset+f.Offset); !ok || len(list)-before > maxParts {
				return list, false
			}
		}
		return list, true
	}
	return append(list, part{offset: offset, size: t.Size_}), true
}

func placeOf(t *abi.Type) place {
	parts, ok := partsOf(nil, t, 0)
	if !ok {
		return place{inMemory: true, parts: []part{{size: 8}}}
	}
	return place{parts: parts}
}

// planOf gives the plan for a function type, with a receiver of one word before its parameters or without.
func planOf(t *funcType, hasMethod bool) *callPlan {
	key := planKey{t, hasMethod}
	if p, ok := plans.Load(key); ok {
		return p.(*callPlan)
	}
	p := &callPlan{area: -1, receiver: part{size: 8}}
	var args []*part
	for i := 0; i < t.NumIn(); i++ {
		p.params = append(p.params, placeOf(t.In(i)))
	}
	var results []*part
	for i := 0; i < t.NumOut(); i++ {
		p.results = append(p.results, placeOf(t.Out(i)))
	}
	// Addresses of results come first, then the receiver.
	for i := range p.results {
		r := &p.results[i]
		if r.inMemory {
			args = append(args, &r.parts[0])
			continue
		}
		for j := range r.parts {
			results = append(results, &r.parts[j])
		}
	}
	if hasMethod {
		args = append(args, &p.receiver)
	}
	for i := range p.params {
		for j := range p.params[i].parts {
			args = append(args, &p.params[i].parts[j])
		}
	}
	ints, floats := countParts(args)
	outInts, outFloats := countParts(results)
	fits := ints <= regInts && floats <= regFloats && outInts <= resultInts && outFloats <= resultFloats
	argInts := regInts
	if !fits {
		argInts--
	}
	used := p.assign(args, argInts, regFloats)
	p.assign(results, resultInts, resultFloats)
	if !fits {
		p.area = used
		used++
	}
	p.closure = used
	found, _ := plans.LoadOrStore(key, p)
	return found.(*callPlan)
}

func countParts(list []*part) (ints, floats int) {
	for _, p := range list {
		if p.isFloat {
			floats++
		} else {
			ints++
		}
	}
	return
}

// assign gives each scalar its place; returns how many integer registers are used.
func (p *callPlan) assign(list []*part, ints, floats int) int {
	i, f := 0, 0
	for _, s := range list {
		next, limit := &i, ints
		if s.isFloat {
			next, limit = &f, floats
		}
		if *next < limit {
			s.at = *next
			*next++
			continue
		}
		s.inArea, s.at = true, p.areaWords
		p.areaWords++
	}
	return i
}

// callRegs is what arch/reflect.s loads registers from.
type callRegs struct {
	code    unsafe.Pointer
	closure unsafe.Pointer
	ints    [regInts + 1]uintptr
	floats  [regFloats]uint64
}

// reflectcall calls regs.code; what it returns is whatever the function left in the registers of results.
//
//go:linkname reflectcall runtime.reflectcall
func reflectcall(regs *callRegs) (i0, i1, i2, i3, i4, i5, i6, i7 unsafe.Pointer, f0, f1, f2, f3, f4, f5, f6, f7 float64)

// store writes the scalar at from to where it travels.
func (s *part) store(from unsafe.Pointer, ints *[regInts + 1]uintptr, floats *[regFloats]uint64, area []unsafe.Pointer) {
	switch {
	case s.inArea && s.size == 8 && !s.isFloat:
		area[s.at] = *(*unsafe.Pointer)(from)
	case s.inArea:
		memmove(unsafe.Pointer(&area[s.at]), from, s.size)
	case s.isFloat:
		memmove(unsafe.Pointer(&floats[s.at]), from, s.size)
	default:
		memmove(unsafe.Pointer(&ints[s.at]), from, s.size)
	}
}

// call calls v, which is a function or a method value.
func (v Value) call(op string, in []Value) []Value {
	t := (*funcType)(unsafe.Pointer(v.typ()))
	var fn unsafe.Pointer
	var rcvrType *abi.Type
	if v.flag&flagMethod != 0 {
		rcvrType, t, fn = methodReceiver(op, v, int(v.flag)>>flagMethodShift)
	} else if v.flag&flagIndir != 0 {
		fn = *(*unsafe.Pointer)(v.ptr)
	} else {
		fn = v.ptr
	}
	if fn == nil {
		panic("reflect.Value.Call: call of nil function")
	}
	in = callArguments(op, t, in)

	plan := planOf(t, rcvrType != nil)
	regs := callRegs{code: *(*unsafe.Pointer)(fn), closure: fn}
	var area []unsafe.Pointer
	if plan.area >= 0 {
		area = make([]unsafe.Pointer, plan.areaWords)
		regs.ints[plan.area] = uintptr(unsafe.Pointer(unsafe.SliceData(area)))
	}
	regs.ints[plan.closure] = uintptr(fn)
	// What registers point to must be reachable until they are loaded.
	held := make([]unsafe.Pointer, 0, len(in)+len(plan.results))
	address := func(s *part, p unsafe.Pointer) {
		held = append(held, p)
		s.store(unsafe.Pointer(&p), &regs.ints, &regs.floats, area)
	}
	for i := range plan.results {
		if plan.results[i].inMemory {
			address(&plan.results[i].parts[0], unsafe_New(t.Out(i)))
		}
	}
	results := held
	if rcvrType != nil {
		address(&plan.receiver, receiverWord(v))
	}
	for i, arg := range in {
		arg.mustBeExported()
		typ := t.In(i)
		arg = arg.assignTo("reflect.Value.Call", typ, nil)
		at := &plan.params[i]
		switch {
		case at.inMemory:
			copied := unsafe_New(typ)
			typedmemmove(typ, copied, arg.ptr)
			address(&at.parts[0], copied)
		case arg.flag&flagIndir == 0:
			if len(at.parts) > 0 {
				address(&at.parts[0], arg.ptr)
			}
		default:
			held = append(held, arg.ptr)
			for j := range at.parts {
				s := &at.parts[j]
				s.store(add(arg.ptr, s.offset, "inside the value"), &regs.ints, &regs.floats, area)
			}
		}
	}
	if callGC {
		runtime.GC()
	}

	var ints [resultInts]unsafe.Pointer
	var floats [resultFloats]float64
	ints[0], ints[1], ints[2], ints[3], ints[4], ints[5], ints[6], ints[7],
		floats[0], floats[1], floats[2], floats[3], floats[4], floats[5], floats[6], floats[7] = reflectcall(&regs)

	if callGC {
		runtime.GC()
	}
	runtime.KeepAlive(held)
	runtime.KeepAlive(in)
	if len(plan.results) == 0 {
		return nil
	}
	ret := make([]Value, len(plan.results))
	for i := range plan.results {
		typ, at := t.Out(i), &plan.results[i]
		kind := flag(typ.Kind())
		switch {
		case at.inMemory:
			ret[i] = Value{typ, results[0], flagIndir | kind}
			results = results[1:]
		case typ.Size_ == 0:
			ret[i] = Zero(toRType(typ))
		case typ.IsDirectIface():
			p := ints[at.parts[0].at]
			if at.parts[0].inArea {
				p = area[at.parts[0].at]
			}
			ret[i] = Value{typ, p, kind}
		default:
			p := unsafe_New(typ)
			for j := range at.parts {
				s := &at.parts[j]
				to := add(p, s.offset, "inside the value")
				switch {
				case s.inArea:
					memmove(to, unsafe.Pointer(&area[s.at]), s.size)
				case s.isFloat:
					f := floats[s.at]
					memmove(to, unsafe.Pointer(&f), s.size)
				default:
					word := ints[s.at]
					memmove(to, unsafe.Pointer(&word), s.size)
				}
			}
			ret[i] = Value{typ, p, flagIndir | kind}
		}
	}
	return ret
}

// callArguments checks the arguments of a call, and gathers those of a variadic parameter.
func callArguments(op string, t *funcType, in []Value) []Value {
	n := t.NumIn()
	switch {
	case op == "CallSlice":
		if !t.IsVariadic() {
			panic("reflect: CallSlice of non-variadic function")
		}
		if len(in) < n {
			panic("reflect: CallSlice with too few input arguments")
		}
		if len(in) > n {
			panic("reflect: CallSlice with too many input arguments")
		}
	case t.IsVariadic():
		n--
		if len(in) < n {
			panic("reflect: Call with too few input arguments")
		}
	default:
		if len(in) < n {
			panic("reflect: Call with too few input arguments")
		}
		if len(in) > n {
			panic("reflect: Call with too many input arguments")
		}
	}
	for _, x := range in {
		if x.Kind() == Invalid {
			panic("reflect: " + op + " using zero Value argument")
		}
	}
	for i := 0; i < n; i++ {
		if have, want := in[i].Type(), t.In(i); !have.AssignableTo(toRType(want)) {
			panic("reflect: " + op + " using " + have.String() + " as type " + stringFor(want))
		}
	}
	if op == "CallSlice" || !t.IsVariadic() {
		return in
	}
	typ := toRType(t.In(n))
	elem := typ.Elem()
	rest := MakeSlice(typ, len(in)-n, len(in)-n)
	for i, x := range in[n:] {
		if have := x.Type(); !have.AssignableTo(elem) {
			panic("reflect: cannot use " + have.String() + " as type " + elem.String() + " in " + op)
		}
		rest.Index(i).Set(x)
	}
	return append(append(make([]Value, 0, n+1), in[:n]...), rest)
}

// receiverWord is the word that a method found by methodReceiver takes as its receiver.
func receiverWord(v Value) unsafe.Pointer {
	t := v.typ()
	switch {
	case t.Kind() == abi.Interface:
		return (*nonEmptyInterface)(v.ptr).word
	case v.flag&flagIndir != 0 && !t.IsDirectIface():
		// The method may change what it gets: it is a copy's address.
		copied := unsafe_New(t)
		typedmemmove(t, copied, v.ptr)
		return copied
	case v.flag&flagIndir != 0:
		return *(*unsafe.Pointer)(v.ptr)
	}
	return v.ptr
}
