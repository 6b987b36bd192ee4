package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// twin is docs/arithmetic.md once more, formula by formula, without a thought for speed: one element at a time, roundings
// by division, random bits one by one. Steps of both must agree in every integer.
type twin struct {
	c        Config
	w        [][]int16
	v, b, vb [][]int32
	o, e     [][]int16 // o[L] is a_L
	g, gb    [][]int64
	step     uint32
	stats    Stats
	wraps    uint64
	streams  map[uint32][]uint16
	conv     []convTwin // 1..K
}

func (t *twin) away(v int64, s int) int64 {
	if s <= 0 {
		return v * (1 << -s)
	}
	q := (2*abs(v) + 1<<s) / (1 << (s + 1))
	if v < 0 {
		return -q
	}
	return q
}

func (t *twin) sat(v int64, n int, st *Stat) int64 {
	low, high := -int64(1)<<(n-1), int64(1)<<(n-1)-1
	c := min(max(v, low), high)
	if c != v {
		st.Sat++
	}
	st.MaxAbs = max(st.MaxAbs, abs(c))
	return c
}

func (t *twin) wrap(v int64) int64 {
	size := int64(1) << t.c.AccBits
	w := ((v+size/2)%size+size)%size - size/2
	if w != v {
		t.wraps++
	}
	return w
}

func (t *twin) forward(x []uint8, nb int, training bool) {
	for n, p := range x {
		t.o[0][n] = int16(p)
	}
	for i := 1; i < len(t.c.Sizes); i++ {
		if i <= len(t.c.Convs) {
			t.convolve(i, nb)
			t.normalise(i, nb, training)
			t.pool(i, nb)
			continue
		}
		n, k := t.c.Sizes[i], t.c.Sizes[i-1]
		for b := range nb {
			for j := range n {
				var sum int64
				for in := range k {
					sum += int64(t.o[i-1][b*k+in]) * int64(t.w[i][j*k+in])
				}
				sum = t.wrap(t.wrap(sum) + int64(t.b[i][j]))
				shift := t.c.F.Fo[i-1] + t.c.F.Fw[i] - t.c.F.Fo[i]
				if training && t.c.Drop != nil && t.c.Drop[i] {
					shift--
				}
				z := t.sat(t.away(sum, shift), 16, &t.stats.Z[i])
				if i < t.c.top() {
					z = max(z, 0)
					if training && !t.stays(i, b, j) {
						z = 0
					}
					t.stats.O[i].MaxAbs = max(t.stats.O[i].MaxAbs, z)
				}
				t.o[i][b*n+j] = int16(z)
			}
		}
	}
}

// stays says whether neuron j of sample b is not dropped.
func (t *twin) stays(i, b, j int) bool {
	if t.c.Drop == nil || !t.c.Drop[i] {
		return true
	}
	var base, all int
	for l, drops := range t.c.Drop {
		if l == i {
			base = all
		}
		if drops {
			all += 32 * ((t.c.Sizes[l] + 15) / 16)
		}
	}
	count := t.step*uint32(all) + uint32(base+b*((t.c.Sizes[i]+15)/16)+j/16)
	return mix(mix(t.seed()^0x5851F42D)^count)>>(j%16)&1 == 1
}

// seed is that of the era: how often the larger of both counters has overflowed.
func (t *twin) seed() uint32 {
	words, drops := 0, 0
	for i := 1; i < len(t.c.Sizes); i++ {
		outputs, inputs := t.block(i)
		words += 32 * ((outputs + 63) / 64) * ((inputs + 63) / 64)
		if t.c.Drop != nil && t.c.Drop[i] {
			drops += 32 * ((t.c.Sizes[i] + 15) / 16)
		}
	}
	return t.c.Seed ^ mix(uint32(int(t.step)*max(words, drops)/(1<<32)))
}

func (t *twin) errors(nb int, y []int, feedback func(int) [][]int8) {
	top := t.c.top()
	classes := t.c.Sizes[top]
	for b := range nb { // the loss has a second implementation of its own
		e := t.e[top][b*classes : (b+1)*classes]
		softmaxError(e, t.o[top][b*classes:(b+1)*classes], y[b], t.c.F.Fo[top]+8)
		for _, v := range e {
			t.stats.E[top].MaxAbs = max(t.stats.E[top].MaxAbs, abs(int64(v)))
		}
	}
	for i := top - 1; i >= 1 && i >= len(t.c.Convs); i-- {
		n := t.c.Sizes[i]
		dst, st, frac, drop := t.e[i], &t.stats.E[i], t.c.F.Fe[i], 0
		hidden := i > len(t.c.Convs)
		if !hidden {
			dst, st, frac = t.conv[i].d, &t.stats.D[i], t.c.Convs[i-1].Fd
		}
		if t.c.Drop != nil && t.c.Drop[i] {
			drop = 1
		}
		for b := range nb {
			for k := range n {
				sum, shift := t.ruleSum(i, b, k, feedback)
				dst[b*n+k] = 0
				if !hidden || t.o[i][b*n+k] > 0 {
					dst[b*n+k] = int16(t.sat(t.away(sum, shift-frac-drop), 16, st))
				}
			}
		}
	}
	for i := len(t.c.Convs); i >= 1; i-- {
		t.unpool(i, nb)
		t.unnormalise(i, nb)
		if i > 1 {
			t.unconvolve(i, nb)
		}
	}
}

// ruleSum is the table of section 10; its shift lacks "- Fe[i]".
func (t *twin) ruleSum(i, b, k int, feedback func(int) [][]int8) (sum int64, shift int) {
	top, n, above := t.c.top(), t.c.Sizes[i], t.c.Sizes[i+1]
	classes := t.c.Sizes[top]
	switch t.c.Rule {
	case BP, ConvOnly:
		for j := range above {
			sum += int64(t.w[i+1][j*n+k]) * int64(t.e[i+1][b*above+j])
		}
		return t.wrap(sum), t.c.F.Fw[i+1] + t.c.F.Fe[i+1]
	case DFA:
		for c := range classes {
			sum += int64(t.c.FB[i].D[c*n+k]) * int64(t.e[top][b*classes+c])
		}
		return t.wrap(sum), t.c.FB[i].Fb + 14
	case BDFA:
		for c, sign := range feedback(i)[k] {
			sum += int64(sign) * int64(t.e[top][b*classes+c])
		}
		return sum, 14 + t.c.FB[i].Shift
	}
	for j, sign := range feedback(i)[k] {
		sum += int64(sign) * int64(t.e[i+1][b*above+j])
	}
	return sum, t.c.F.Fe[i+1] + t.c.FB[i].Shift
}

// block returns outputs and padded inputs of a layer's weights, as the random words see them.
func (t *twin) block(i int) (outputs, inputs int) {
	if i > len(t.c.Convs) {
		return t.c.Sizes[i], t.c.Sizes[i-1]
	}
	conv := t.c.Convs[i-1]
	blocks := conv.Kernel * conv.Kernel * ((conv.InC + 63) / 64)
	if conv.InC < 64 {
		g := 64 / conv.InC
		blocks = (conv.Kernel*conv.Kernel + g - 1) / g
	}
	return conv.OutC, 64 * blocks
}

// word returns the random word of an element, from the whole bit stream of its register.
func (t *twin) word(i, j, k int) int64 {
	_, inputs := t.block(i)
	kb := (inputs + 63) / 64
	h := ((j/64)*kb+k/64)*2 + (k%64)/32
	var base, all uint32
	for l := 1; l < len(t.c.Sizes); l++ {
		if l == i {
			base = all
		}
		outputs, inputs := t.block(l)
		all += uint32(16 * 2 * ((outputs + 63) / 64) * ((inputs + 63) / 64))
	}
	s := start(t.seed(), t.step*all+base+uint32(16*h+j%16))
	if t.streams[s] == nil {
		gen := lfsr(s)
		words := make([]uint16, 128)
		for n := range 128 * 16 {
			words[n/16] |= uint16(gen.next()) << (n % 16)
		}
		t.streams[s] = words
	}
	return int64(t.streams[s][(k%32)*4+(j%64)/16])
}

func (t *twin) update(nb int, eta int64) {
	clear(t.streams)
	for i := 1; i < len(t.c.Sizes); i++ {
		if i <= len(t.c.Convs) {
			t.convGradient(i, nb, eta)
			t.updateNorm(i, eta)
			continue
		}
		if t.c.Rule == ConvOnly {
			continue
		}
		n, cols := t.c.Sizes[i], t.c.Sizes[i-1]
		for j := range n {
			var gb int64
			for b := range nb {
				gb += int64(t.e[i][b*n+j])
			}
			if t.c.NoBias == nil || !t.c.NoBias[i] {
				t.updateBias(i, j, gb, eta)
			}
			for k := range cols {
				var g int64
				for b := range nb {
					g += int64(t.e[i][b*n+j]) * int64(t.o[i-1][b*cols+k])
				}
				t.updateWeight(i, j*cols+k, j, k, g, eta)
			}
		}
	}
	t.step++
}

func (t *twin) updateBias(i, j int, gb, eta int64) {
	f := t.c.F
	t.gb[i][j] = t.wrap(gb)
	vb := int64(t.c.Mu)*int64(t.vb[i][j])/65536 + t.away(t.gb[i][j], f.Fe[i]+5-f.Fv[i])
	vb = t.sat(vb, 24, &t.stats.VB[i])
	bias := int64(t.b[i][j]) - t.away(eta*vb, f.Fv[i]+16-(f.Fo[i-1]+f.Fw[i]))
	t.vb[i][j], t.b[i][j] = int32(vb), int32(t.sat(bias, 32, &t.stats.B[i]))
}

// updateWeight updates element at of W_i, which is j, k for the random words.
func (t *twin) updateWeight(i, at, j, k int, g, eta int64) {
	f := t.c.F
	t.g[i][at] = t.wrap(g)
	v := int64(t.c.Mu)*int64(t.v[i][at])/65536 + t.away(t.g[i][at], f.Fo[i-1]+f.Fe[i]+5-f.Fv[i]) +
		t.away(int64(t.c.Lambda)*int64(t.w[i][at]), f.Fw[i]+16-f.Fv[i])
	v = t.sat(v, 24, &t.stats.V[i])
	shift := f.Fv[i] + 16 - f.Fw[i]
	r := t.word(i, j, k) << 32 >> (48 - shift) // the word times 2^(shift-16), floored
	w := int64(t.w[i][at]) - (eta*v+r)>>shift
	t.v[i][at], t.w[i][at] = int32(v), int16(t.sat(w, 16, &t.stats.W[i]))
}

func TestStepEqualsTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { stepEqualsTwin(t, nil, 32) })
}

// stepEqualsTwin runs two steps and a test of a random network that begins with convs.
func stepEqualsTwin(t *rapid.T, convs []Conv, most int) {
	m, err := New(randomConfig(t, convs))
	if err != nil && convs != nil { // a shift of the many is out of range
		t.Skip(err)
	}
	require.NoError(t, err)
	if rapid.Bool().Draw(t, "on all cores") {
		m.little, m.mul.Small = 0, 0
	}
	if convs != nil {
		m.offsets = m.offsets[:rapid.SampledFrom([]int{1, 14, gradientBlock}).Draw(t, "block")]
	}
	tw := newTwin(t, m)
	for range 2 {
		nb := rapid.IntRange(1, most).Draw(t, "batch")
		x, y := drawBatch(t, m, nb)
		eta := rapid.Uint32Max(65535).Draw(t, "eta")
		correct := m.Step(x, y, eta)
		tw.forward(x, nb, true)
		tw.errors(nb, y, m.FeedbackBits)
		tw.update(nb, int64(eta))
		compare(t, m, tw, nb)
		require.Equal(t, tw.hits(nb, y), correct)
	}
	x, y := drawBatch(t, m, min(2, most))
	correct := m.Eval(x, y)
	compareParameters(t, m, tw)
	tw.forward(x, len(y), false)
	require.Equal(t, tw.hits(len(y), y), correct)
	require.Equal(t, tw.o[m.top][:len(y)*m.size(m.top)], m.test.acts[m.top][:len(y)*m.size(m.top)])
}

// drawBatch returns pixels and labels of nb samples.
func drawBatch(t *rapid.T, m *Model, nb int) (x []uint8, y []int) {
	pixels := rapid.SliceOfN(rapid.Uint8(), 1, 61).Draw(t, "pixels")
	x, y = make([]uint8, nb*m.size(0)), make([]int, nb)
	for n := range x {
		x[n] = pixels[n%len(pixels)]
	}
	for b := range y {
		y[b] = (b + int(pixels[0])) % m.size(m.top)
	}
	return x, y
}

// hits counts the samples that the last forward pass classified as y.
func (t *twin) hits(nb int, y []int) (hits int) {
	classes := t.c.Sizes[t.c.top()]
	for b := range nb {
		if argmax(t.o[t.c.top()][b*classes:(b+1)*classes]) == y[b] {
			hits++
		}
	}
	return hits
}

func compare(t *rapid.T, m *Model, tw *twin, nb int) {
	for i := range m.top + 1 {
		want := tw.o[i][:nb*m.size(i)]
		if i == m.top {
			require.Equal(t, want, m.A)
			break
		}
		require.Equal(t, want, m.O[i], "o_%d", i)
	}
	tw.compareConvs(t, m, nb)
	for i := 1; i <= m.top; i++ {
		require.Equal(t, tw.e[i][:nb*m.cfg.errors(i)], m.E[i], "e_%d", i)
		require.Equal(t, tw.g[i], m.G[i], "G_%d", i)
		require.Equal(t, tw.gb[i], m.GB[i], "gb_%d", i)
	}
	compareParameters(t, m, tw)
	require.Equal(t, tw.stats, m.Stats)
	require.Equal(t, tw.wraps, m.AccWraps)
}

func compareParameters(t *rapid.T, m *Model, tw *twin) {
	for i := 1; i <= m.top; i++ {
		require.Equal(t, tw.v[i], m.V[i], "V_%d", i)
		require.Equal(t, tw.w[i], m.W[i], "W_%d", i)
		require.Equal(t, tw.vb[i], m.VB[i], "vb_%d", i)
		require.Equal(t, tw.b[i], m.B[i], "b_%d", i)
	}
	tw.compareNorms(t, m)
	require.Equal(t, tw.step, m.StepNo)
}
