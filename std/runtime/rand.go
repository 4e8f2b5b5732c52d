package runtime

import "unsafe"

// rand64 is a number of this thread's generator, the door of all randomness.
func rand64() uint64

// memhash64 hashes bytes, keyed by a secret of the process.
func hashbytes(p unsafe.Pointer, seed uint64, n uint64) uint64

// typehashed hashes a value of a type; it panics where the value cannot be hashed.
func typehashed(t unsafe.Pointer, p unsafe.Pointer, seed uint64) uint64

// Pulled by linkname from all over std.
func rand() uint64          { return rand64() }
func rand32() uint32        { return uint32(rand64() >> 32) }
func cheaprand() uint32     { return uint32(rand64() >> 32) }
func cheaprand64() int64    { return int64(rand64()) }
func fastrand() uint32      { return uint32(rand64() >> 32) }
func fastrand64() uint64    { return rand64() }
func bootstrapRand() uint64 { return rand64() }

// randn gives a number below n.
func randn(n uint32) uint32 { return uint32(uint64(uint32(rand64()>>32)) * uint64(n) >> 32) }

func cheaprandn(n uint32) uint32 { return randn(n) }
func fastrandn(n uint32) uint32  { return randn(n) }

//go:linkname maps_rand internal/runtime/maps.rand
func maps_rand() uint64 { return rand64() }

func memhash(p unsafe.Pointer, seed, n uintptr) uintptr {
	return uintptr(hashbytes(p, uint64(seed), uint64(n)))
}

func strhash(p unsafe.Pointer, seed uintptr) uintptr {
	s := *(*string)(p)
	return uintptr(hashbytes(unsafe.Pointer(unsafe.StringData(s)), uint64(seed), uint64(len(s))))
}

//go:linkname maphash_memhash hash/maphash.runtime_memhash
func maphash_memhash(p unsafe.Pointer, seed, n uintptr) uintptr { return memhash(p, seed, n) }

//go:linkname maps_memhash internal/runtime/maps.memhash
func maps_memhash(p unsafe.Pointer, seed, n uintptr) uintptr { return memhash(p, seed, n) }

//go:linkname reflect_typehash reflect.typehash
func reflect_typehash(t *_type, p unsafe.Pointer, seed uintptr) uintptr {
	return uintptr(typehashed(unsafe.Pointer(t), p, uint64(seed)))
}

// vgetrandom says that the vDSO is not used for random bytes: getrandom is a system call.
func vgetrandom(p []byte, flags uint32) (ret int, supported bool) { return -1, false }
