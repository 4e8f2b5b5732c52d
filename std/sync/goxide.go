package sync

import "unsafe"

func init() { runtime_registerPools(unsafe.Pointer(&allPools), unsafe.Pointer(&oldPools)) }

// The collector empties the pools of these lists as poolCleanup does.
func runtime_registerPools(all, old unsafe.Pointer)
