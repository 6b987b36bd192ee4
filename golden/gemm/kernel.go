package gemm

import "math"

// tileGo computes one 8 x 24 tile of c from a panel of a and one of b:
// c[i*ldc+j] is continued, or begun at 0 if first, by k multiply-adds.
func tileGo(k int, a, b, c []float64, ldc int, first bool) {
	for i := range tileRows {
		row := c[i*ldc : i*ldc+tileCols]
		if first {
			clear(row)
		}
		for p := range k {
			x := a[p*tileRows+i]
			for j, y := range b[p*tileCols : (p+1)*tileCols] {
				row[j] = math.FMA(x, y, row[j])
			}
		}
	}
}
