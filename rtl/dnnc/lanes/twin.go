package lanes

// AccumulateGo is Accumulate in plain Go, the twin that every kernel must equal. It takes four pairs a pass, so that a
// lane's accumulator is loaded and stored once for four products.
func AccumulateGo(acc *Row, w *Tile, pairs []Pair, lo, n int) {
	check(lo, n)
	for ; len(pairs) >= 4; pairs = pairs[4:] {
		four((*[4]Pair)(pairs), acc[lo:lo+n], w, lo)
	}
	for _, p := range pairs {
		one(p, acc[lo:lo+n], w, lo)
	}
}

// four adds four products to every lane of acc; its first lane is lane lo of the weight rows. The slices are cut to one
// length, which frees the loop of bounds checks.
func four(p *[4]Pair, acc []int64, w *Tile, lo int) {
	a := weights(w, p[0], lo)[:len(acc)]
	b := weights(w, p[1], lo)[:len(acc)]
	c := weights(w, p[2], lo)[:len(acc)]
	d := weights(w, p[3], lo)[:len(acc)]
	xa, xb, xc, xd := int64(p[0].X), int64(p[1].X), int64(p[2].X), int64(p[3].X)
	for i := range acc {
		acc[i] += xa*int64(a[i]) + xb*int64(b[i]) + xc*int64(c[i]) + xd*int64(d[i])
	}
}

// one adds one product to every lane of acc.
func one(p Pair, acc []int64, w *Tile, lo int) {
	a := weights(w, p, lo)[:len(acc)]
	x := int64(p.X)
	for i := range acc {
		acc[i] += x * int64(a[i])
	}
}

// weights returns the lanes from lo on of the row that p names.
func weights(w *Tile, p Pair, lo int) []int16 {
	if p.Row >= Rows {
		badRow(p)
	}
	return w[p.Row][lo:]
}
