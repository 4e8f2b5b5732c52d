package metrics

import (
	"internal/godebugs"
	_ "unsafe" // linkname
)

//go:linkname runtime_addGodebug
func runtime_addGodebug(name string)

// The runtime imports nothing: it is told here which settings count their uses.
func init() {
	for _, info := range godebugs.All {
		if !info.Opaque {
			runtime_addGodebug("/godebug/non-default-behavior/" + info.Name + ":events")
		}
	}
}
