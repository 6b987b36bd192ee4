package lanes

// AccumulateGo is Accumulate in plain Go, the twin that every kernel must equal. It takes four
// pairs a pass, so that a lane's accumulator is loaded and stored once for four products.
func AccumulateGo(acc []int64, w []int16, stride int, pairs []Pair) {
	check(len(acc), stride)
	for ; len(pairs) >= 4; pairs = pairs[4:] {
		four((*[4]Pair)(pairs), acc, w, stride)
	}
	for _, p := range pairs {
		one(p, acc, w, stride)
	}
}

// four adds four products to every lane of acc. The slices are cut to one length, which frees the
// loop of bounds checks.
func four(p *[4]Pair, acc []int64, w []int16, stride int) {
	a := weights(w, p[0], stride, len(acc))[:len(acc)]
	b := weights(w, p[1], stride, len(acc))[:len(acc)]
	c := weights(w, p[2], stride, len(acc))[:len(acc)]
	d := weights(w, p[3], stride, len(acc))[:len(acc)]
	xa, xb, xc, xd := int64(p[0].X), int64(p[1].X), int64(p[2].X), int64(p[3].X)
	for i := range acc {
		acc[i] += xa*int64(a[i]) + xb*int64(b[i]) + xc*int64(c[i]) + xd*int64(d[i])
	}
}

// one adds one product to every lane of acc.
func one(p Pair, acc []int64, w []int16, stride int) {
	a := weights(w, p, stride, len(acc))[:len(acc)]
	x := int64(p.X)
	for i := range acc {
		acc[i] += x * int64(a[i])
	}
}

// weights returns n lanes of the row that p names.
func weights(w []int16, p Pair, stride, n int) []int16 {
	at := int(p.Row) * stride
	if at+n > len(w) {
		badRow(p)
	}
	return w[at : at+n]
}
