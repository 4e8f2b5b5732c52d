package exithook

import _ "unsafe" // for go:linkname

// In Go the runtime imports this package.
func init() { Gosched, Goid, Throw = setExitHooks(Run) }

//go:linkname setExitHooks
func setExitHooks(run func(code int)) (gosched func(), id func() uint64, fail func(string))
