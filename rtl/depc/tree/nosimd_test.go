//go:build !amd64 || purego

package tree

// implementations names every way to compute Tree in this build.
func implementations() map[string]func(*[Errors]int16, *[Neurons]uint16, *[Neurons]int32) {
	return map[string]func(*[Errors]int16, *[Neurons]uint16, *[Neurons]int32){"go": TreeGo}
}
