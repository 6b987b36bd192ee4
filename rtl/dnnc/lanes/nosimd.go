//go:build !amd64 || purego

package lanes

// Accumulate adds, for every pair p and every lane l of acc, acc[l] += p.X * w[p.Row*stride+l]. The
// result is the exact sum modulo 2^64 for all operands. A number of lanes that is no multiple of
// Step or more than stride, and a row that ends behind w, panic. It does not allocate.
func Accumulate(acc []int64, w []int16, stride int, pairs []Pair) {
	AccumulateGo(acc, w, stride, pairs)
}
