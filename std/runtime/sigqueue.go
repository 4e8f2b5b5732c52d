package runtime

import _ "unsafe"

// Signals for package os/signal: crates/runtime/src/signal/queue.rs.

func signalwait()
func signaltake() uint32
func signalidle() bool
func signalenable(sig uint32)
func signaldisable(sig uint32)
func signalignore(sig uint32)
func signalignored(sig uint32) bool
func sigpipe()

//go:linkname signal_recv os/signal.signal_recv
func signal_recv() uint32 {
	for {
		if sig := signaltake(); sig != 0 {
			return sig
		}
		signalwait()
	}
}

//go:linkname signalWaitUntilIdle os/signal.signalWaitUntilIdle
func signalWaitUntilIdle() {
	for !signalidle() {
		timesleep(10_000)
	}
}

//go:linkname signal_enable os/signal.signal_enable
func signal_enable(s uint32) { signalenable(s) }

//go:linkname signal_disable os/signal.signal_disable
func signal_disable(s uint32) { signaldisable(s) }

//go:linkname signal_ignore os/signal.signal_ignore
func signal_ignore(s uint32) { signalignore(s) }

//go:linkname signal_ignored os/signal.signal_ignored
func signal_ignored(s uint32) bool { return signalignored(s) }

//go:linkname os_sigpipe os.sigpipe
func os_sigpipe() { sigpipe() }
