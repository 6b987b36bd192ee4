//go:build !amd64 || purego

package intgemm

// kernels lists what a test compares: there is only the definition.
func kernels() map[string]kernel { return map[string]kernel{"go": tileGo} }

// fastest is the kernel in use.
var fastest kernel = tileGo

func squares(pairs []int16, sums *[panelLanes]uint64) { squaresGo(pairs, sums) }

// gather fills the first numbers of a whole panel, and returns how many.
func gather(_, _ []int16, _ []int) int { return 0 }
