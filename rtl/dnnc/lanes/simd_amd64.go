//go:build amd64 && !purego

package lanes

import "golang.org/x/sys/cpu"

// kernel names one way to add a run of pairs.
type kernel uint8

const (
	plain kernel = iota
	avx2
	avx512
)

// active is what Accumulate uses: the fastest kernel that the processor runs. Only tests change it.
var active = fastest()

// kernels lists what this processor runs, slowest first.
func kernels() []kernel {
	list := []kernel{plain}
	if cpu.X86.HasAVX2 {
		list = append(list, avx2)
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VNNI {
		list = append(list, avx512)
	}
	return list
}

func fastest() kernel {
	list := kernels()
	return list[len(list)-1]
}

// maxWeight bounds the sum of |X| over one run: 65535 * 32768 < 2^31, so the products of a run add
// up in 32 bits, whatever the weights are.
const maxWeight = 65535

// Accumulate adds, for every pair p and every lane l of acc, acc[l] += p.X * w[p.Row*stride+l]. The
// result is the exact sum modulo 2^64 for all operands. A number of lanes that is no multiple of
// Step or more than stride, and a row that ends behind w, panic. It does not allocate.
func Accumulate(acc []int64, w []int16, stride int, pairs []Pair) {
	if active == plain {
		AccumulateGo(acc, w, stride, pairs)
		return
	}
	check(len(acc), stride)
	if len(pairs) == 1 && int(pairs[0].Row)*stride+len(acc) <= len(w) || light(acc, w, stride, pairs) {
		apply(acc, w, stride, pairs)
		return
	}
	for len(pairs) > 0 {
		m := run(acc, w, stride, pairs)
		apply(acc, w, stride, pairs[:m])
		pairs = pairs[m:]
	}
}

// apply hands one run to the active kernel.
func apply(acc []int64, w []int16, stride int, pairs []Pair) {
	switch {
	case len(pairs) == 0 || len(acc) == 0:
	case active == avx512:
		accumulateAVX512(&acc[0], &w[0], 2*stride, &pairs[0].X, len(pairs), len(acc))
	default:
		accumulateAVX2(&acc[0], &w[0], 2*stride, &pairs[0].X, len(pairs), len(acc))
	}
}

// light reports whether all pairs are sound and together a single run, which is the common case, by
// a survey of eight at a time. It may say no to short or very long lists, and to rows whose bits
// together name a row outside: counting by run is as good for short ones, and the weight of very
// long ones might overflow.
func light(acc []int64, w []int16, stride int, pairs []Pair) bool {
	if len(pairs) < 8 || len(pairs) > 1024 {
		return false
	}
	weight, rows := weighAVX2(&pairs[0].X, len(pairs))
	return weight <= maxWeight && int(rows)*stride+len(acc) <= len(w)
}

// run returns how many of the pairs, at least one, fit in 32-bit sums. It sees every row before a
// kernel does.
func run(acc []int64, w []int16, stride int, pairs []Pair) int {
	weight := int32(0)
	for i, p := range pairs {
		if int(p.Row)*stride+len(acc) > len(w) {
			badRow(p)
		}
		x := int32(p.X)
		weight += max(x, -x)
		if weight > maxWeight {
			return i
		}
	}
	return len(pairs)
}
