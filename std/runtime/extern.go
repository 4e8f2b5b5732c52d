package runtime

import "unsafe"

// Compiler is the name of the compiler toolchain that built the running binary, as programs know it.
const Compiler = "gc"

// GOOS is the running program's operating system target.
const GOOS string = "linux"

// GOARCH is the running program's architecture target.
const GOARCH string = "amd64"

// Entries of the Rust runtime.
func buildtext(which int) string
func arg(i int) string
func argcount() int
func env(i int) string
func envcount() int
func auxv() (words unsafe.Pointer, count int)
func gosched()
func ngoroutines() int
func goid() uint64
func ncpu() int
func gomaxprocs(n int) int
func gccollect(leaks int) int
func exit(code int)
func lockthread(lock int)
func fatalthrow(msg string)

// Version returns the Go tree's version string.
func Version() string { return buildtext(0) }

// GOROOT returns the root of the Go tree: the GOROOT environment variable, if set at process start.
//
// Deprecated: The root used during the Go build will not be meaningful if the binary is copied to another
// machine.
func GOROOT() string {
	if s := gogetenv("GOROOT"); s != "" {
		return s
	}
	return defaultGOROOT
}

// The GOROOT of the build, without -trimpath; set by the linker.
var defaultGOROOT string

// GOMAXPROCS sets the maximum number of CPUs that can be executing simultaneously and returns the previous
// setting. If n < 1, it does not change the current setting.
func GOMAXPROCS(n int) int {
	return gomaxprocs(max(n, 0))
}

// SetDefaultGOMAXPROCS updates the GOMAXPROCS setting to the runtime default, as described by GOMAXPROCS,
// ignoring the GOMAXPROCS environment variable.
func SetDefaultGOMAXPROCS() { gomaxprocs(-1) }

// NumCPU returns the number of logical CPUs usable by the current process.
func NumCPU() int { return ncpu() }

// NumCgoCall returns the number of cgo calls made by the current process.
func NumCgoCall() int64 { return 0 }

// NumGoroutine returns the number of goroutines that currently exist.
func NumGoroutine() int { return ngoroutines() }

// Gosched yields the processor, allowing other goroutines to run.
func Gosched() { gosched() }

func goexit()

// Goexit terminates the goroutine that calls it, after all its deferred calls.
//
//go:noinline
func Goexit() { goexit() }

// LockOSThread wires the calling goroutine to its current operating system thread.
func LockOSThread() { lockthread(1) }

// UnlockOSThread undoes an earlier call to LockOSThread.
func UnlockOSThread() { lockthread(0) }

// Breakpoint executes a breakpoint trap.
func Breakpoint() { breakpoint() }

func breakpoint()

// KeepAlive marks its argument as currently reachable.
//
//go:noinline
func KeepAlive(x any) {}

// GC runs a garbage collection and blocks the caller until the garbage collection is complete.
func GC() {
	// Another cycle may be on its way, which counts for nothing: it may have passed what is garbage now.
	for gccollect(0) == 0 {
		gosched()
	}
	// Finalizers that are due go first.
	gosched()
}

// SetCgoTraceback records functions that tell of C frames; there are none.
func SetCgoTraceback(version int, traceback, context, symbolizer unsafe.Pointer) {
	if version != 0 {
		panic("unsupported version")
	}
}

// gogetenv gives an environment variable as it was at the start.
func gogetenv(key string) string {
	for i := 0; i < envcount(); i++ {
		s := env(i)
		if len(s) > len(key) && s[len(key)] == '=' && s[:len(key)] == key {
			return s[len(key)+1:]
		}
	}
	return ""
}

//go:linkname os_runtime_args os.runtime_args
func os_runtime_args() []string {
	list := make([]string, argcount())
	for i := range list {
		list[i] = arg(i)
	}
	return list
}

//go:linkname syscall_runtime_envs syscall.runtime_envs
func syscall_runtime_envs() []string {
	list := make([]string, envcount())
	for i := range list {
		list[i] = env(i)
	}
	return list
}

// getAuxv is reached from golang.org/x/sys by linkname.
func getAuxv() []uintptr {
	words, count := auxv()
	return unsafe.Slice((*uintptr)(words), count)
}

//go:linkname syscall_Exit syscall.Exit
func syscall_Exit(code int) { exit(code) }

//go:linkname syscall_Getpagesize syscall.Getpagesize
func syscall_Getpagesize() int { return 4096 }

// exitHooks is exithook.Run, in a program that has that package.
var exitHooks func(code int)

//go:linkname setExitHooks internal/runtime/exithook.setExitHooks
func setExitHooks(run func(code int)) (gosched func(), id func() uint64, fail func(string)) {
	exitHooks = run
	return gosched, goid, throw
}

//go:linkname os_beforeExit os.runtime_beforeExit
func os_beforeExit(exitCode int) {
	if exitHooks != nil {
		exitHooks(exitCode)
	}
}

func mainReturned() { os_beforeExit(0) }

func throw(msg string) { fatalthrow(msg) }

//go:linkname sync_throw sync.throw
func sync_throw(msg string) { throw(msg) }

//go:linkname sync_fatal sync.fatal
func sync_fatal(msg string) { throw(msg) }

//go:linkname internal_sync_throw internal/sync.throw
func internal_sync_throw(msg string) { throw(msg) }

//go:linkname internal_sync_fatal internal/sync.fatal
func internal_sync_fatal(msg string) { throw(msg) }

//go:linkname maps_fatal internal/runtime/maps.fatal
func maps_fatal(msg string) { throw(msg) }

//go:linkname cgroup_throw internal/runtime/cgroup.throw
func cgroup_throw(msg string) { throw(msg) }

//go:linkname rand_fatal crypto/rand.fatal
func rand_fatal(msg string) { throw(msg) }

//go:linkname sysrand_fatal crypto/internal/sysrand.fatal
func sysrand_fatal(msg string) { throw(msg) }

//go:linkname fips_fatal crypto/internal/fips140.fatal
func fips_fatal(msg string) { throw(msg) }

// Each goroutine has a byte for crypto/internal/fips140, and a flag for crypto/fips140.
func gflags(which int, set int) int

const (
	fipsIndicator = iota
	fipsBypass
)

//go:linkname fips_getIndicator crypto/internal/fips140.getIndicator
func fips_getIndicator() uint8 { return uint8(gflags(fipsIndicator, -1)) }

//go:linkname fips_setIndicator crypto/internal/fips140.setIndicator
func fips_setIndicator(v uint8) { gflags(fipsIndicator, int(v)) }

//go:linkname fips_setBypass crypto/fips140.setBypass
func fips_setBypass() { gflags(fipsBypass, 1) }

//go:linkname fips_unsetBypass crypto/fips140.unsetBypass
func fips_unsetBypass() { gflags(fipsBypass, 0) }

//go:linkname fips_isBypassed crypto/fips140.isBypassed
func fips_isBypassed() bool { return gflags(fipsBypass, -1) != 0 }

// There is no DIT mode on amd64.
//
//go:linkname subtle_setDITEnabled crypto/subtle.setDITEnabled
func subtle_setDITEnabled() bool { return false }

//go:linkname subtle_setDITDisabled crypto/subtle.setDITDisabled
func subtle_setDITDisabled() {}

func bootnanotime() int

//go:linkname fips_monoTime crypto/internal/fips140deps/time.monoTime
func fips_monoTime() int64 { return int64(bootnanotime()) }

// math/bits panics with these.
var overflowError = error(errorString("integer overflow"))
var divideError = error(errorString("integer divide by zero"))
