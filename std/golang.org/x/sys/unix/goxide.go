package unix

import _ "unsafe"

//go:linkname Syscall syscall.Syscall
//go:linkname Syscall6 syscall.Syscall6
//go:linkname RawSyscall syscall.RawSyscall
//go:linkname RawSyscall6 syscall.RawSyscall6
//go:linkname gettimeofday syscall.gettimeofday

// None of these waits in the kernel.
//
//go:linkname SyscallNoError syscall.rawSyscallNoError
//go:linkname RawSyscallNoError syscall.rawSyscallNoError
