//go:build amd64 && !purego

package intgemm

import "golang.org/x/sys/cpu"

// kernels lists what this processor runs, by name.
func kernels() map[string]kernel {
	all := map[string]kernel{"go": tileGo}
	if cpu.X86.HasAVX2 {
		all["avx2"] = tile256
	}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VNNI {
		all["avx512"] = tile512
	}
	return all
}

// fastest is the kernel in use. Only tests change it.
var fastest = func() kernel {
	all := kernels()
	for _, name := range []string{"avx512", "avx2"} {
		if k := all[name]; k != nil {
			return k
		}
	}
	return tileGo
}()

func tile512(a []int16, at *[tileRows]int, segs, step, pairs int,
	b []int16, stride, panels int, c *tile) {
	check(a, at, segs, step, pairs, b, stride, panels)
	for q := 0; q < panels; {
		to, from := &c[q*panelLanes], &b[q*stride]
		switch left := panels - q; {
		case left >= 4:
			tile4AVX512(&a[0], &at[0], segs, 2*step, pairs, from, 2*stride, to)
			q += 4
		case left >= 2:
			tile2AVX512(&a[0], &at[0], segs, 2*step, pairs, from, 2*stride, to)
			q += 2
		default:
			tile1AVX512(&a[0], &at[0], segs, 2*step, pairs, from, 2*stride, to)
			q++
		}
	}
}

func tile256(a []int16, at *[tileRows]int, segs, step, pairs int,
	b []int16, stride, panels int, c *tile) {
	check(a, at, segs, step, pairs, b, stride, panels)
	for q := range panels {
		tile1AVX2(&a[0], &at[0], segs, 2*step, pairs, &b[q*stride], 2*stride, &c[q*panelLanes])
	}
}

// check panics where the assembly would touch memory outside its slices, or find nothing to do.
func check(a []int16, at *[tileRows]int, segs, step, pairs int, b []int16, stride, panels int) {
	if segs < 1 || pairs < 1 || panels > tileLanes/panelLanes {
		panic("intgemm: a tile without products, or of too many panels")
	}
	for _, from := range at {
		_, _ = a[from], a[from+(segs-1)*step+2*pairs-1]
	}
	_ = b[(panels-1)*stride+segs*pairs*pairWords-1]
}

// squares is squaresGo.
func squares(pairs []int16, sums *[panelLanes]uint64) {
	if !cpu.X86.HasAVX2 {
		squaresGo(pairs, sums)
		return
	}
	squaresAVX2(&pairs[0], len(pairs)/pairWords, &sums[0])
}

// gather fills the first numbers of a whole panel, and returns how many.
func gather(panel, data []int16, at []int) int {
	pairs := len(at) / 2
	if !cpu.X86.HasAVX2 || pairs == 0 {
		return 0
	}
	for _, from := range at {
		_, _ = data[from], data[from+panelLanes-1]
	}
	_ = panel[pairs*pairWords-1]
	gatherAVX2(&panel[0], &data[0], &at[0], pairs)
	return 2 * pairs
}
