package sha256

import (
	"crypto/internal/fips140deps/cpu"
	"crypto/internal/impl"
)

var useSHANI = cpu.X86HasSHA

func init() {
	impl.Register("sha256", "SHA-NI", &useSHANI)
}

// In crates/runtime/src/arch/digest.s.
//
//go:noescape
func blockSHANI(dig *Digest, p []byte)

func block(dig *Digest, p []byte) {
	if useSHANI {
		blockSHANI(dig, p)
	} else {
		blockGeneric(dig, p)
	}
}
