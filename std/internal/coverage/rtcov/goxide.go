package rtcov

import _ "unsafe" // for go:linkname

// In Go the linker lays the counters of all packages together; here packages tell where theirs are.
var counters []CovCounterBlob

// AddCounters is called by instrumented packages when they are initialized (crates/build/src/cover.rs).
func AddCounters(list []CovCounterBlob) { counters = append(counters, list...) }

//go:linkname getCovCounterList internal/coverage/cfile.getCovCounterList
func getCovCounterList() []CovCounterBlob { return counters }
