package runtime

import "unsafe"

// Clocks and timers: crates/runtime/src/timer.

func nanotime() int64
func timenano() int64
func walltime() (sec int64, nsec int64)

//go:noescape
func timenow(t *[3]int64)
func timesleep(ns int64)
func timerchan(c unsafe.Pointer, t *timer)
func timerreset(t *timer, when, period int64) bool
func timerstop(t *timer) bool
func timesetvars(startNano, local unsafe.Pointer)

// time_now gives the real time, even in a bubble.
//
//go:linkname time_now time.now
func time_now() (sec int64, nsec int32, mono int64) {
	s, n := walltime()
	return s, int32(n), nanotime()
}

//go:linkname time_runtimeNow time.runtimeNow
func time_runtimeNow() (sec int64, nsec int32, mono int64) {
	var t [3]int64
	timenow(&t)
	return t[0], int32(t[1]), t[2]
}

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 { return timenano() }

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return bubbleid() != 0 }

//go:linkname time_setVars time.runtimeSetVars
func time_setVars(startNano *int64, local unsafe.Pointer) {
	timesetvars(unsafe.Pointer(startNano), local)
}

//go:linkname time_Sleep time.Sleep
func time_Sleep(ns int64) {
	if ns > 0 {
		timesleep(ns)
	}
}

// haveHighResSleep is read by package time's tests.
var haveHighResSleep = true

// A timer is what timer/set.rs has as Timer.
type timer struct {
	home    uintptr
	when    int64
	period  int64
	seq     uintptr
	arg     unsafe.Pointer
	creator unsafe.Pointer
	place   uint32
	blocked uint32
	action  uint8
	full    bool
	fake    bool
}

// What a timer does, by set.rs's Action.
const (
	actionChannel = iota
	actionGo
)

// A timeTimer is a time.Timer or time.Ticker with the runtime's part behind it.
type timeTimer struct {
	c    unsafe.Pointer
	init bool
	timer
}

// newTimer makes a timer for a channel of package time, or for a function (as the interface arg) that f would
// start in a goroutine: what f does is done by the scheduler. Another f is called in a goroutine.
//
//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delay int64), arg any, c unsafe.Pointer) *timeTimer {
	t := new(timeTimer)
	t.creator = *(*unsafe.Pointer)(unsafe.Pointer(&f))
	if c != nil {
		t.action = actionChannel
		t.arg = c
		timerchan(c, &t.timer)
	} else {
		t.action = actionGo
		if _, ok := arg.(func()); !ok {
			call := func() { f(arg, 0, 0) }
			arg = call
		}
		t.arg = (*eface)(unsafe.Pointer(&arg)).data
	}
	t.init = true
	timerreset(&t.timer, when, period)
	return t
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timeTimer) bool { return timerstop(&t.timer) }

//go:linkname resetTimer time.resetTimer
func resetTimer(t *timeTimer, when, period int64) bool { return timerreset(&t.timer, when, period) }
