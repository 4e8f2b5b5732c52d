package time

import "unsafe"

// runtimeSetVars tells the runtime, which makes the values that timers send, of what they depend on.
func runtimeSetVars(startNano *int64, local unsafe.Pointer)

func init() { runtimeSetVars(&startNano, unsafe.Pointer(&Local)) }
