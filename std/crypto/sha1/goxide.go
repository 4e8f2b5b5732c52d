package sha1

import (
	"crypto/internal/impl"
	"internal/cpu"
)

var useSHANI = cpu.X86.HasSHA

func init() {
	impl.Register("sha1", "SHA-NI", &useSHANI)
}

// In crates/runtime/src/arch/digest.s.
//
//go:noescape
func blockSHANI(dig *digest, p []byte)

// The assembly has no preemption point.
const maxAsmSize = 64 << 10

func block(dig *digest, p []byte) {
	if !useSHANI {
		blockGeneric(dig, p)
		return
	}
	for len(p) > maxAsmSize {
		blockSHANI(dig, p[:maxAsmSize])
		p = p[maxAsmSize:]
	}
	blockSHANI(dig, p)
}
