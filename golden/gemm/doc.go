// Package gemm multiplies matrices of float64 on all cores, and gives the same bits on every
// processor and for every number of workers:
//
//	c[i][j] = fma(a[i][k-1], b[k-1][j], ... fma(a[i][0], b[0][j], 0))
//
// one chain of fused multiply-adds in ascending k for each element. Blocks, vector widths and
// workers only decide which elements are computed when.
//
// Blocking is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication"
// (2008): b is packed in panels of tileCols columns that stay in the first-level cache, a in panels
// of tileRows rows in the second. b need not exist: it is whatever a Packer writes, so the columns
// of a convolution are generated on the fly and never stored.
//
// The kernel is assembly for AVX-512 or AVX2 with FMA, selected at run time, with a reference in Go
// (build tag purego) that the tests hold equal bit for bit. BenchmarkMul's three shapes ran at 55
// to 133 GFLOP/s on two cores of a Xeon with AVX-512, where gonum v0.17, which has SSE2, reached 7
// to 8.
//
// Reading order: gemm.go (Pool and Mul), pack.go, kernel.go, kernel_amd64.s.
package gemm
