package sha512

import "crypto/internal/impl"

var useAVX2 = true

func init() {
	impl.Register("sha512", "AVX2", &useAVX2)
}

// In crates/runtime/src/arch/digest.s.
//
//go:noescape
func blockAVX2(dig *Digest, p []byte)

// The assembly has no preemption point.
const maxAsmSize = 64 << 10

func block(dig *Digest, p []byte) {
	if !useAVX2 {
		blockGeneric(dig, p)
		return
	}
	for len(p) > maxAsmSize {
		blockAVX2(dig, p[:maxAsmSize])
		p = p[maxAsmSize:]
	}
	blockAVX2(dig, p)
}
