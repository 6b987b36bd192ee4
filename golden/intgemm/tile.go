package intgemm

// The shape of a tile. Lanes come in panels; a tile takes up to four of them.
const (
	tileRows   = 6
	panelLanes = 16
	tileLanes  = 64
	pairWords  = 2 * panelLanes // what a pair of all lanes of a panel takes up
)

// tile is the sums of six rows by up to 64 lanes.
type tile [tileRows * tileLanes]int64

// tileGo adds to c, for each row r and lane l of the panels, the sum over segments s and k <
// 2*pairs of a[at[r]+s*step+k] times what the panels, stride words apart, hold for s, k and l.
func tileGo(a []int16, at *[tileRows]int, segs, step, pairs int,
	b []int16, stride, panels int, c *tile) {
	for r, from := range at {
		for s := range segs {
			for p, row := 0, a[from+s*step:][:2*pairs]; p < pairs; p++ {
				x0, x1 := int64(row[2*p]), int64(row[2*p+1])
				if x0|x1 == 0 { // half of what a ReLU lets through, and more of what it lets back
					continue
				}
				for q := range panels {
					sums := c[r*tileLanes+q*panelLanes:][:panelLanes]
					w := b[q*stride+(s*pairs+p)*pairWords:][:pairWords]
					for l := range sums {
						sums[l] += x0*int64(w[2*l]) + x1*int64(w[2*l+1])
					}
				}
			}
		}
	}
}
