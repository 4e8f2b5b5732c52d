package cpu

import _ "unsafe" // for go:linkname

// In Go the runtime calls Initialize.
func init() { Initialize(gogetenv("GODEBUG")) }

//go:linkname gogetenv runtime.gogetenv
func gogetenv(key string) string
