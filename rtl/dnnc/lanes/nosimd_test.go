//go:build !amd64 || purego

package lanes

// implementations names every way to compute Accumulate in this build.
func implementations() map[string]accumulator {
	return map[string]accumulator{"twin": AccumulateGo, "go": Accumulate}
}
