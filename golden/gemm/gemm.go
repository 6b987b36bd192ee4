package gemm

// Block sizes. A panel of b (24 x 192, 36 KiB) fits a first-level cache of 48
// KiB, a block of a (96 x 192, 144 KiB) and of b (192 x 384, 576 KiB) a
// second-level cache of 1 MiB or more.
const (
	tileRows  = 8
	tileCols  = 24
	blockRows = 96  // of a: a multiple of tileRows
	blockCols = 384 // of b: a multiple of tileCols
	blockK    = 192
)

// View is a matrix in memory: element (r, c) is Data[r*Row+c*Col].
type View struct {
	Data     []float64
	Row, Col int
}

// Packer is the right operand, k x n, of which Pack writes the rows k0..k0+kn-1
// of the columns j0..j0+jn-1 in panels: dst[(j/24)*kn*24 + k*24 + j%24] with k
// and j counted from k0 and j0; what stands in the last panel beyond column jn-1
// reaches no result. PackRow and PackColumn know this layout. row is scratch for
// max(kn, jn) numbers. Several goroutines call Pack at once.
type Packer interface {
	Pack(dst, row []float64, k0, kn, j0, jn int)
}

// Mul multiplies on the workers of a pool. Not for concurrent use.
type Mul struct {
	pool    *Pool
	scratch []scratch
	view    View // right operand of Views
	body    func(lo, hi, worker int)

	c      View
	m, n   int
	k      int
	a      View
	b      Packer
	byRows bool
}

// scratch is what one worker packs into.
type scratch struct {
	a, b, row []float64
	tile      [tileRows * tileCols]float64
}

// NewMul makes a multiplier with scratch for each worker of the pool.
func NewMul(p *Pool) *Mul {
	g := &Mul{pool: p, scratch: make([]scratch, p.Workers())}
	for i := range g.scratch {
		g.scratch[i].a = make([]float64, blockRows*blockK)
		g.scratch[i].b = make([]float64, blockCols*blockK)
		g.scratch[i].row = make([]float64, max(blockCols, blockK))
	}
	g.body = g.part
	return g
}

// Views computes c = a b for matrices in memory; a is m x k, b k x n, c m x n
// with c.Col 1. c must not overlap a or b.
func (g *Mul) Views(c, a, b View, m, n, k int) {
	g.view = b
	g.Packed(c, a, &g.view, m, n, k)
}

// Packed computes c = a b like Views for a right operand that packs itself.
func (g *Mul) Packed(c, a View, b Packer, m, n, k int) {
	g.c, g.a, g.b, g.m, g.n, g.k = c, a, b, m, n, k
	// Columns are what every worker packs for itself, so they are split first.
	g.byRows = n < g.pool.Workers()*tileCols*4 && m > n
	total, grain := n, tileCols
	if g.byRows {
		total, grain = m, tileRows
	}
	if m*n*k < 1<<15 { // smaller than what starting goroutines costs
		grain = total
	}
	g.pool.Range(total, grain, g.body)
}

// part computes rows or columns lo..hi-1 of c.
func (g *Mul) part(lo, hi, worker int) {
	i0, i1, j0, j1 := 0, g.m, lo, hi
	if g.byRows {
		i0, i1, j0, j1 = lo, hi, 0, g.n
	}
	s := &g.scratch[worker]
	for j := j0; j < j1; j += blockCols {
		jn := min(blockCols, j1-j)
		for k := 0; k < g.k; k += blockK {
			kn := min(blockK, g.k-k)
			g.b.Pack(s.b, s.row, k, kn, j, jn)
			for i := i0; i < i1; i += blockRows {
				in := min(blockRows, i1-i)
				g.a.packRows(s.a, i, in, k, kn)
				g.block(s, i, in, j, jn, kn, k == 0)
			}
		}
	}
}

// block multiplies packed blocks into c, first with what c holds unless first.
func (g *Mul) block(s *scratch, i0, in, j0, jn, kn int, first bool) {
	for j := 0; j < jn; j += tileCols {
		b := s.b[j*kn : (j+tileCols)*kn]
		for i := 0; i < in; i += tileRows {
			a := s.a[i*kn : (i+tileRows)*kn]
			at := (i0+i)*g.c.Row + j0 + j
			rows, cols := min(tileRows, in-i), min(tileCols, jn-j)
			if rows == tileRows && cols == tileCols {
				tile(kn, a, b, g.c.Data[at:at+(tileRows-1)*g.c.Row+tileCols], g.c.Row, first)
				continue
			}
			if !first {
				for r := range rows {
					copy(s.tile[r*tileCols:r*tileCols+cols], g.c.Data[at+r*g.c.Row:])
				}
			}
			tile(kn, a, b, s.tile[:], tileCols, first)
			for r := range rows {
				copy(g.c.Data[at+r*g.c.Row:at+r*g.c.Row+cols], s.tile[r*tileCols:])
			}
		}
	}
}
