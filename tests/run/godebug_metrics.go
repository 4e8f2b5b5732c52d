// Metrics of godebug's settings are there before a setting is used; others are not.
package main

import (
	"fmt"
	"runtime/metrics"
)

func main() {
	samples := []metrics.Sample{
		{Name: "/godebug/non-default-behavior/http2client:events"},
		{Name: "/godebug/non-default-behavior/nosuchsetting:events"},
		{Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(samples)
	for _, s := range samples {
		fmt.Println(s.Name, s.Value.Kind())
	}
	fmt.Println(samples[0].Value.Uint64())
}
