//go:build !amd64 || purego

package gemm

func tile(k int, a, b, c []float64, ldc int, first bool) { tileGo(k, a, b, c, ldc, first) }
