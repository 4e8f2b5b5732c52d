package constanttime

import "unsafe"

// boolToUint8 is b's own byte: no branch tells of it.
func boolToUint8(b bool) uint8 { return *(*uint8)(unsafe.Pointer(&b)) }
