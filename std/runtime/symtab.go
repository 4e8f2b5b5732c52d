package runtime

import "unsafe"

// A place is what the Rust runtime tells of a program counter (trace::callers::Place).
type place struct {
	function  string
	file      string
	line      int
	startLine int
	entry     uintptr
	inlined   int
}

// callers fills buf with the program counters of the goroutine's frames, the innermost first, one for each
// logical frame: those of inlined calls' callers are made up, and only pcplace knows what they mean. The
// function that calls callers is frame 0.
func callers(skip int, buf *uintptr, n int) int

// pcplace tells of the instruction that pc lies in; 0: none of the program's.
func pcplace(pc uintptr, p *place) int

// Caller reports file and line number information about function invocations on the calling goroutine's
// stack. The argument skip is the number of stack frames to ascend, with 0 identifying the caller of Caller.
func Caller(skip int) (pc uintptr, file string, line int, ok bool) {
	var rpc uintptr
	if skip < 0 || callers(skip+1, &rpc, 1) < 1 {
		return 0, "", 0, false
	}
	var p place
	if pcplace(rpc-1, &p) == 0 {
		return rpc, "", 0, false
	}
	return rpc - 1, p.file, p.line, true
}

// Callers fills the slice pc with the return program counters of function invocations on the calling
// goroutine's stack. The argument skip is the number of stack frames to skip before recording in pc, with 0
// identifying the frame for Callers itself and 1 identifying the caller of Callers.
func Callers(skip int, pc []uintptr) int {
	if len(pc) == 0 || skip < 0 {
		return 0
	}
	return callers(skip, &pc[0], len(pc))
}

// Frames may be used to get function/file/line information for a slice of PC values returned by Callers.
type Frames struct {
	callers []uintptr
}

// Frame is the information returned by Frames for each call frame.
type Frame struct {
	// PC is the program counter for the location in this frame.
	PC uintptr
	// Func is the Func value of this call frame; nil for inlined functions.
	Func *Func
	// Function is the package path-qualified function name of this call frame.
	Function string
	// File and Line are the file name and line number of the location in this frame.
	File string
	Line int

	startLine int
	symbol    string // with type arguments

	// Entry is the entry point program counter for the function.
	Entry uintptr
}

// CallersFrames takes a slice of PC values returned by Callers and prepares to return function/file/line
// information.
func CallersFrames(callers []uintptr) *Frames {
	return &Frames{callers}
}

// Next returns a Frame representing the next call frame in the slice of PC values.
func (ci *Frames) Next() (frame Frame, more bool) {
	for len(ci.callers) > 0 {
		pc := ci.callers[0]
		ci.callers = ci.callers[1:]
		var p place
		if pcplace(pc-1, &p) == 0 {
			continue
		}
		frame = Frame{PC: pc - 1, Function: shortName(p.function), File: p.file, Line: p.line, startLine: p.startLine, symbol: p.function, Entry: p.entry}
		if p.inlined == 0 {
			frame.Func = &Func{p}
		}
		break
	}
	return frame, len(ci.callers) > 0
}

// A Func represents a Go function in the running binary.
type Func struct {
	p place
}

// FuncForPC returns a *Func describing the function that contains the given program counter address, or
// else nil.
func FuncForPC(pc uintptr) *Func {
	f := new(Func)
	if pcplace(pc, &f.p) == 0 {
		return nil
	}
	return f
}

// Name returns the name of the function.
func (f *Func) Name() string {
	if f == nil {
		return ""
	}
	return shortName(f.p.function)
}

// Entry returns the entry address of the function.
func (f *Func) Entry() uintptr { return f.p.entry }

// FileLine returns the file name and line number of the source code corresponding to the program counter pc.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	var p place
	if pcplace(pc, &p) == 0 {
		return "?", 0
	}
	return p.file, p.line
}

// shortName writes type arguments as [...].
func shortName(name string) string {
	open := -1
	for i := 0; i < len(name); i++ {
		if name[i] == '[' {
			open = i
			break
		}
	}
	if open < 0 {
		return name
	}
	for i := len(name) - 1; i > open; i-- {
		if name[i] == ']' {
			return name[:open] + "[...]" + name[i+1:]
		}
	}
	return name
}

// stacktext writes the goroutine's traceback, or all goroutines', as far as there is room; gives its length.
func stacktext(buf *byte, n int, all int) int

// Stack formats a stack trace of the calling goroutine into buf and returns the number of bytes written to
// buf. If all is true, Stack formats stack traces of all other goroutines into buf after the trace for the
// current goroutine.
//
//go:noinline
func Stack(buf []byte, all bool) int {
	if len(buf) == 0 {
		return 0
	}
	everyone := 0
	if all {
		everyone = 1
	}
	return stacktext(unsafe.SliceData(buf), len(buf), everyone)
}

//go:linkname pprof_frameStartLine runtime/pprof.runtime_FrameStartLine
func pprof_frameStartLine(f *Frame) int { return f.startLine }

//go:linkname pprof_frameSymbolName runtime/pprof.runtime_FrameSymbolName
func pprof_frameSymbolName(f *Frame) string { return f.symbol }

//go:linkname pprof_expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func pprof_expandFinalInlineFrame(stk []uintptr) []uintptr { return stk }
