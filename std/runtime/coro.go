package runtime

import "unsafe"

// Coroutines for package iter: crates/runtime/src/sched/coro.rs.

// A coro runs its function in a goroutine of its own, turn by turn with the one that switches to it.
type coro struct {
	// Who runs at the next switch: a G, which is not in the heap.
	other uintptr
	f     func(*coro)
}

func newcoro0(c *coro, f unsafe.Pointer)

//go:noescape
func coroswitch0(c *coro)
func coroexit0(c *coro)

//go:linkname newcoro iter.newcoro
func newcoro(f func(*coro)) *coro {
	c := &coro{f: f}
	run := func() {
		// Whatever way the function ends, the other side goes on.
		defer coroexit(c)
		c.f(c)
	}
	newcoro0(c, *(*unsafe.Pointer)(unsafe.Pointer(&run)))
	return c
}

func coroexit(c *coro) { coroexit0(c) }

//go:linkname coroswitch iter.coroswitch
func coroswitch(c *coro) { coroswitch0(c) }
