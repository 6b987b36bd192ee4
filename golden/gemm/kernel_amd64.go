//go:build amd64 && !purego

package gemm

import "golang.org/x/sys/cpu"

var (
	hasAVX512 = cpu.X86.HasAVX512F
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA
)

// tile is tileGo by the widest vectors that the processor has.
func tile(k int, a, b, c []float64, ldc int, first bool) {
	switch {
	case hasAVX512:
		tile512(k, a, b, c, ldc, first)
	case hasAVX2:
		tile256(k, a, b, c, ldc, first)
	default:
		tileGo(k, a, b, c, ldc, first)
	}
}

func tile512(k int, a, b, c []float64, ldc int, first bool) {
	checkTile(k, a, b, c, ldc)
	tileAVX512(k, &a[0], &b[0], &c[0], ldc, first)
}

// tile256 has half the registers in number and in width: four quarter tiles.
func tile256(k int, a, b, c []float64, ldc int, first bool) {
	checkTile(k, a, b, c, ldc)
	for i := 0; i < tileRows; i += 4 {
		for j := 0; j < tileCols; j += 12 {
			quarterAVX2(k, &a[i], &b[j], &c[i*ldc+j], ldc, first)
		}
	}
}

// checkTile panics where the assembly would touch memory outside its slices.
func checkTile(k int, a, b, c []float64, ldc int) {
	_, _, _ = a[k*tileRows-1], b[k*tileCols-1], c[(tileRows-1)*ldc+tileCols-1]
}

// tileAVX512 is tileGo; k is at least 1.
//
//go:noescape
func tileAVX512(k int, a, b, c *float64, ldc int, first bool)

// quarterAVX2 computes 4 rows and 12 columns of a tile; the panels keep their
// strides of 8 and 24. k is at least 1.
//
//go:noescape
func quarterAVX2(k int, a, b, c *float64, ldc int, first bool)
