package runtime

import "unsafe"

// System calls, fork and exec: crates/runtime/src/sched/{syscall,fork}.rs, arch/syscall.s.

func syscall3(num, a1, a2, a3 uintptr) (r, errno uintptr)

//go:noescape
func syscall6(args *[7]uintptr) (r, errno uintptr)
func rawsyscall3(num, a1, a2, a3 uintptr) (r, errno uintptr)

//go:noescape
func rawsyscall6(args *[7]uintptr) (r, errno uintptr)
func rawvforksyscall(num, a1, a2, a3 uintptr) (r, errno uintptr)
func beforefork()
func afterfork()
func afterforkinchild()
func beforeexec()
func afterexec()

//go:noescape
func allthreadssyscall(args *[7]uintptr) (r, errno uintptr)

// The raw calls keep the P: for calls that do not block.

//go:linkname linux_Syscall6 internal/runtime/syscall/linux.Syscall6
//go:nosplit
func linux_Syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr) {
	args := [7]uintptr{num, a1, a2, a3, a4, a5, a6}
	r1, errno = rawsyscall6(&args)
	return
}

//go:linkname syscall_rawSyscallNoError syscall.rawSyscallNoError
//go:nosplit
func syscall_rawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, _ = rawsyscall3(trap, a1, a2, a3)
	return
}

//go:linkname syscall_rawVforkSyscall syscall.rawVforkSyscall
//go:nosplit
func syscall_rawVforkSyscall(trap, a1, a2, a3 uintptr) (r1, err uintptr) {
	return rawvforksyscall(trap, a1, a2, a3)
}

// The others leave it to whoever needs it.

//go:linkname syscall_syscall3 syscall.runtimeSyscall3
//go:nosplit
func syscall_syscall3(num, a1, a2, a3 uintptr) (r, errno uintptr) { return syscall3(num, a1, a2, a3) }

//go:linkname syscall_syscall6 syscall.runtimeSyscall6
//go:nosplit
func syscall_syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r, errno uintptr) {
	args := [7]uintptr{num, a1, a2, a3, a4, a5, a6}
	return syscall6(&args)
}

//go:linkname syscall_gettimeofday syscall.runtimeWalltime
func syscall_gettimeofday() (sec, nsec int64) { return walltime() }

//go:linkname syscall_runtime_BeforeFork syscall.runtime_BeforeFork
func syscall_runtime_BeforeFork() { beforefork() }

//go:linkname syscall_runtime_AfterFork syscall.runtime_AfterFork
func syscall_runtime_AfterFork() { afterfork() }

//go:linkname syscall_runtime_AfterForkInChild syscall.runtime_AfterForkInChild
func syscall_runtime_AfterForkInChild() { afterforkinchild() }

//go:linkname syscall_runtime_BeforeExec syscall.runtime_BeforeExec
func syscall_runtime_BeforeExec() { beforeexec() }

//go:linkname syscall_runtime_AfterExec syscall.runtime_AfterExec
func syscall_runtime_AfterExec() { afterexec() }

//go:linkname unix_fcntl runtime.fcntl
func unix_fcntl(fd, cmd, arg int32) (ret int32, errno int32) {
	r, e := syscall3(72, uintptr(fd), uintptr(cmd), uintptr(arg))
	if e != 0 {
		return -1, int32(e)
	}
	return int32(r), 0
}

//go:linkname write runtime.write
func write(fd uintptr, p unsafe.Pointer, n int32) int32 {
	r, e := rawsyscall3(1, fd, uintptr(p), uintptr(n))
	if e != 0 {
		return -int32(e)
	}
	return int32(r)
}

//go:linkname syscall_runtime_doAllThreadsSyscall syscall.runtime_doAllThreadsSyscall
func syscall_runtime_doAllThreadsSyscall(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr) {
	args := [7]uintptr{num, a1, a2, a3, a4, a5, a6}
	r1, errno = allthreadssyscall(&args)
	return
}

// There is no C library to call.
//
//go:linkname syscall_cgocaller syscall.cgocaller
func syscall_cgocaller(fn unsafe.Pointer, args ...uintptr) uintptr {
	panic(plainError("syscall.cgocaller: no cgo"))
}
