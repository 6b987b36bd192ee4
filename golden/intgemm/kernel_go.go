//go:build !amd64 || purego

package intgemm

// kernels lists what a test compares: there is only the definition.
func kernels() map[string]kernel { return map[string]kernel{"go": tileGo} }

// fastest is the kernel in use.
var fastest kernel = tileGo
