//go:build !amd64 || purego

package lanes

// Kind names what Accumulate uses in this build: "go".
func Kind() string { return "go" }

// Accumulate adds, for every pair p and every lane l in [lo, lo+n), acc[l] += p.X * w[p.Row][l]. The result is the exact
// sum modulo 2^64 for all operands. lo and n are multiples of Step within a row; a range or a row outside panics.
// It does not allocate.
func Accumulate(acc *Row, w *Tile, pairs []Pair, lo, n int) {
	AccumulateGo(acc, w, pairs, lo, n)
}
