package runtime

import "unsafe"

// Bubbles of testing/synctest: crates/runtime/src/sched/bubble.rs.

func bubblenew() uint64
func bubblestart(f unsafe.Pointer)
func bubbleloop() (total int, done bool)
func bubblewait() bool
func bubbleid() uint64
func bubblehold(change int, b unsafe.Pointer) unsafe.Pointer
func bubbleenter(b unsafe.Pointer)

// A synctestDeadlockError is what Run panics with.
type synctestDeadlockError struct{ reason string }

func (e synctestDeadlockError) Error() string { return e.reason }

//go:linkname synctest_Run internal/synctest.Run
func synctest_Run(f func()) {
	if bubbleid() != 0 {
		panic("synctest.Run called from within a synctest bubble")
	}
	bubblenew()
	bubblestart(*(*unsafe.Pointer)(unsafe.Pointer(&f)))
	total, done := bubbleloop()
	if total != 1 {
		reason := "deadlock: all goroutines in bubble are blocked"
		if done {
			reason = "deadlock: main bubble goroutine has exited but blocked goroutines remain"
		}
		panic(synctestDeadlockError{reason})
	}
}

//go:linkname synctest_Wait internal/synctest.Wait
func synctest_Wait() {
	if bubbleid() == 0 {
		panic("goroutine is not in a bubble")
	}
	if bubblewait() {
		panic("wait already in progress")
	}
}

//go:linkname synctest_IsInBubble internal/synctest.IsInBubble
func synctest_IsInBubble() bool { return bubbleid() != 0 }

//go:linkname synctest_acquire internal/synctest.acquire
func synctest_acquire() any {
	if b := bubblehold(1, nil); b != nil {
		return b
	}
	return nil
}

//go:linkname synctest_release internal/synctest.release
func synctest_release(b any) { bubblehold(-1, b.(unsafe.Pointer)) }

//go:linkname synctest_inBubble internal/synctest.inBubble
func synctest_inBubble(b any, f func()) {
	if bubbleid() != 0 {
		panic("goroutine is already bubbled")
	}
	bubbleenter(b.(unsafe.Pointer))
	defer bubbleenter(nil)
	f()
}

// bubbleobject tells of an object and this bubble what package internal/synctest calls an Association: 0 none, 1
// this one, 2 another one. With add it belongs to this one from now on, unless it belongs to one.
func bubbleobject(p unsafe.Pointer, add bool) int
func bubbleleave(p unsafe.Pointer)

//go:linkname synctest_associate internal/synctest.associate
func synctest_associate(p unsafe.Pointer) int { return bubbleobject(p, true) }

//go:linkname synctest_disassociate internal/synctest.disassociate
func synctest_disassociate(p unsafe.Pointer) { bubbleleave(p) }

//go:linkname synctest_isAssociated internal/synctest.isAssociated
func synctest_isAssociated(p unsafe.Pointer) bool { return bubbleobject(p, false) == 1 }
