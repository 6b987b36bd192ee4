//go:build amd64 && !purego

package gemm

// kernels lists what this processor runs.
func kernels() map[string]func(k int, a, b, c []float64, ldc int, first bool) {
	all := map[string]func(k int, a, b, c []float64, ldc int, first bool){}
	if hasAVX512 {
		all["avx512"] = tile512
	}
	if hasAVX2 {
		all["avx2"] = tile256
	}
	return all
}
