package cpu

import _ "unsafe"

//go:linkname cpuid internal/cpu.cpuid
//go:linkname xgetbv internal/cpu.xgetbv
