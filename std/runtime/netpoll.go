package runtime

import "unsafe"

// Waiting for descriptors: crates/runtime/src/netpoll.

func pollserverinit()
func pollisdescriptor(fd uintptr) bool
func pollopen(fd uintptr) (pd unsafe.Pointer, errno int)
func pollclose(pd unsafe.Pointer)
func pollreset(pd unsafe.Pointer, mode int) int
func pollwait(pd unsafe.Pointer, mode int) int
func pollsetdeadline(pd unsafe.Pointer, delay int64, mode int)
func pollunblock(pd unsafe.Pointer)

//go:linkname poll_runtime_pollServerInit internal/poll.runtime_pollServerInit
func poll_runtime_pollServerInit() { pollserverinit() }

//go:linkname poll_runtime_isPollServerDescriptor internal/poll.runtime_isPollServerDescriptor
func poll_runtime_isPollServerDescriptor(fd uintptr) bool { return pollisdescriptor(fd) }

//go:linkname poll_runtime_pollOpen internal/poll.runtime_pollOpen
func poll_runtime_pollOpen(fd uintptr) (uintptr, int) {
	pd, errno := pollopen(fd)
	return uintptr(pd), errno
}

//go:linkname poll_runtime_pollClose internal/poll.runtime_pollClose
func poll_runtime_pollClose(pd unsafe.Pointer) { pollclose(pd) }

//go:linkname poll_runtime_pollReset internal/poll.runtime_pollReset
func poll_runtime_pollReset(pd unsafe.Pointer, mode int) int { return pollreset(pd, mode) }

//go:linkname poll_runtime_pollWait internal/poll.runtime_pollWait
func poll_runtime_pollWait(pd unsafe.Pointer, mode int) int { return pollwait(pd, mode) }

//go:linkname poll_runtime_pollWaitCanceled internal/poll.runtime_pollWaitCanceled
func poll_runtime_pollWaitCanceled(pd unsafe.Pointer, mode int) {
	panic(plainError("runtime: pollWaitCanceled is for Windows"))
}

//go:linkname poll_runtime_pollSetDeadline internal/poll.runtime_pollSetDeadline
func poll_runtime_pollSetDeadline(pd unsafe.Pointer, d int64, mode int) { pollsetdeadline(pd, d, mode) }

//go:linkname poll_runtime_pollUnblock internal/poll.runtime_pollUnblock
func poll_runtime_pollUnblock(pd unsafe.Pointer) { pollunblock(pd) }
