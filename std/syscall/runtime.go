package syscall

// By package runtime: system calls that let other goroutines have the processor meanwhile.
func runtimeSyscall3(num, a1, a2, a3 uintptr) (r, errno uintptr)
func runtimeSyscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r, errno uintptr)
func runtimeWalltime() (sec, nsec int64)

//go:uintptrkeepalive
//go:nosplit
func Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno) {
	r1, errno := runtimeSyscall3(trap, a1, a2, a3)
	return r1, 0, Errno(errno)
}

//go:uintptrkeepalive
//go:nosplit
func Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno) {
	r1, errno := runtimeSyscall6(trap, a1, a2, a3, a4, a5, a6)
	return r1, 0, Errno(errno)
}

func gettimeofday(tv *Timeval) (err Errno) {
	sec, nsec := runtimeWalltime()
	tv.Sec = sec
	tv.Usec = nsec / 1000
	return 0
}
