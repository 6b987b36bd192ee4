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

func (t *twin) forward(x []uint8, nb int) {
	for n, p := range x {
		t.o[0][n] = int16(p)
	}
	for i := 1; i < len(t.c.Sizes); i++ {
		n, k := t.c.Sizes[i], t.c.Sizes[i-1]
		for b := range nb {
			for j := range n {
				var sum int64
				for in := range k {
					sum += int64(t.o[i-1][b*k+in]) * int64(t.w[i][j*k+in])
				}
				sum = t.wrap(t.wrap(sum) + int64(t.b[i][j]))
				z := t.sat(t.away(sum, t.c.F.Fo[i-1]+t.c.F.Fw[i]-t.c.F.Fo[i]), 16, &t.stats.Z[i])
				if i < t.c.top() {
					z = max(z, 0)
					t.stats.O[i].MaxAbs = max(t.stats.O[i].MaxAbs, z)
				}
				t.o[i][b*n+j] = int16(z)
			}
		}
	}
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
	for i := top - 1; i >= 1; i-- {
		n, above := t.c.Sizes[i], t.c.Sizes[i+1]
		for b := range nb {
			for k := range n {
				var sum int64
				var shift int
				if t.c.Rule == BP {
					for j := range above {
						sum += int64(t.w[i+1][j*n+k]) * int64(t.e[i+1][b*above+j])
					}
					sum, shift = t.wrap(sum), t.c.F.Fw[i+1]+t.c.F.Fe[i+1]-t.c.F.Fe[i]
				} else {
					for c, sign := range feedback(i)[k] {
						sum += int64(sign) * int64(t.e[top][b*classes+c])
					}
					shift = 14 + t.c.FB[i].Shift - t.c.F.Fe[i]
				}
				t.e[i][b*n+k] = 0
				if t.o[i][b*n+k] > 0 {
					t.e[i][b*n+k] = int16(t.sat(t.away(sum, shift), 16, &t.stats.E[i]))
				}
			}
		}
	}
}

// word returns the random word of an element, from the whole bit stream of its register.
func (t *twin) word(i, j, k int) int64 {
	kb := (t.c.Sizes[i-1] + 63) / 64
	h := ((j/64)*kb+k/64)*2 + (k%64)/32
	var base, all uint32
	for l := 1; l < len(t.c.Sizes); l++ {
		if l == i {
			base = all
		}
		all += uint32(16 * 2 * ((t.c.Sizes[l] + 63) / 64) * ((t.c.Sizes[l-1] + 63) / 64))
	}
	s := start(t.c.Seed, t.step*all+base+uint32(16*h+j%16))
	if t.streams[s] == nil {
		gen := chipLFSR(s)
		words := make([]uint16, 128)
		for n := range 128 * 16 {
			words[n/16] |= uint16(gen.Next()) << (n % 16)
		}
		t.streams[s] = words
	}
	return int64(t.streams[s][(k%32)*4+(j%64)/16])
}

func (t *twin) update(nb int, eta int64) {
	f := t.c.F
	for i := 1; i < len(t.c.Sizes); i++ {
		n, cols := t.c.Sizes[i], t.c.Sizes[i-1]
		for j := range n {
			var gb int64
			for b := range nb {
				gb += int64(t.e[i][b*n+j])
			}
			t.gb[i][j] = t.wrap(gb)
			vb := int64(t.c.Mu)*int64(t.vb[i][j])/65536 + t.away(t.gb[i][j], f.Fe[i]+5-f.Fv[i])
			vb = t.sat(vb, 24, &t.stats.VB[i])
			bias := int64(t.b[i][j]) - t.away(eta*vb, f.Fv[i]+16-(f.Fo[i-1]+f.Fw[i]))
			t.vb[i][j], t.b[i][j] = int32(vb), int32(t.sat(bias, 32, &t.stats.B[i]))
			for k := range cols {
				at := j*cols + k
				var g int64
				for b := range nb {
					g += int64(t.e[i][b*n+j]) * int64(t.o[i-1][b*cols+k])
				}
				t.g[i][at] = t.wrap(g)
				v := int64(t.c.Mu)*int64(t.v[i][at])/65536 + t.away(t.g[i][at], f.Fo[i-1]+f.Fe[i]+5-f.Fv[i]) +
					t.away(int64(t.c.Lambda)*int64(t.w[i][at]), f.Fw[i]+16-f.Fv[i])
				v = t.sat(v, 24, &t.stats.V[i])
				shift := f.Fv[i] + 16 - f.Fw[i]
				r := t.word(i, j, k) << 32 >> (48 - shift) // the word times 2^(shift-16), floored
				w := int64(t.w[i][at]) - (eta*v+r)>>shift
				t.v[i][at], t.w[i][at] = int32(v), int16(t.sat(w, 16, &t.stats.W[i]))
			}
		}
	}
	t.step++
}

// randomConfig draws a network whose shifts take both signs.
func randomConfig(t *rapid.T) Config {
	size := rapid.OneOf(rapid.IntRange(1, 6), rapid.IntRange(7, 40), rapid.IntRange(60, 70))
	c := Config{
		Sizes:   rapid.SliceOfN(size, 2, 4).Draw(t, "sizes"),
		Rule:    rapid.SampledFrom([]string{BP, BDFA}).Draw(t, "rule"),
		AccBits: rapid.SampledFrom([]int{20, 24, 32, 48}).Draw(t, "acc bits"),
		Mu:      rapid.Uint32Max(65535).Draw(t, "mu"),
		Lambda:  rapid.Uint32Max(65535).Draw(t, "lambda"),
		Seed:    rapid.Uint32().Draw(t, "seed"),
	}
	for i := range c.Sizes {
		c.F.Fo = append(c.F.Fo, rapid.IntRange(4, 12).Draw(t, "Fo"))
		c.F.Fw = append(c.F.Fw, rapid.IntRange(6, 16).Draw(t, "Fw"))
		c.F.Fe = append(c.F.Fe, rapid.IntRange(8, 18).Draw(t, "Fe"))
		c.F.Fv = append(c.F.Fv, rapid.IntRange(8, 24).Draw(t, "Fv"))
		if i < c.top() {
			seed, shift := rapid.Uint32Min(1).Draw(t, "feedback"), rapid.IntRange(-8, 8).Draw(t, "scale")
			c.FB = append(c.FB, Feedback{Seed: seed, Shift: shift})
		}
	}
	c.F.Fo[0], c.F.Fe[c.top()] = 8, 14
	return c
}

// newTwin draws parameters for m and returns a twin with the same.
func newTwin(t *rapid.T, m *Model) *twin {
	top := m.top
	tw := &twin{
		c: m.cfg, stats: newStats(top), streams: map[uint32][]uint16{},
		w: make([][]int16, top+1), v: make([][]int32, top+1), b: make([][]int32, top+1), vb: make([][]int32, top+1),
		o: make([][]int16, top+1), e: make([][]int16, top+1), g: make([][]int64, top+1), gb: make([][]int64, top+1),
	}
	m.StepNo = rapid.Uint32().Draw(t, "step")
	tw.step = m.StepNo
	half := rapid.SampledFrom([]int32{100, 2000, 32767}).Draw(t, "range")
	for i := range top + 1 {
		tw.o[i], tw.e[i] = make([]int16, 32*m.size(i)), make([]int16, 32*m.size(i))
		if i == 0 {
			continue
		}
		w := rapid.SliceOfN(rapid.Int32Range(-half, half), 1, 31).Draw(t, "w") // repeated: 31 is prime to most sizes
		for n := range m.W[i] {
			m.W[i][n], m.V[i][n] = int16(w[n%len(w)]), w[(n+5)%len(w)]*250
		}
		for n := range m.B[i] {
			m.B[i][n], m.VB[i][n] = w[n%len(w)]*60000, w[(n+3)%len(w)]*250
		}
		tw.w[i], tw.v[i] = append([]int16{}, m.W[i]...), append([]int32{}, m.V[i]...)
		tw.b[i], tw.vb[i] = append([]int32{}, m.B[i]...), append([]int32{}, m.VB[i]...)
		tw.g[i], tw.gb[i] = make([]int64, len(m.W[i])), make([]int64, len(m.B[i]))
	}
	return tw
}

func TestStepEqualsTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := New(randomConfig(t))
		require.NoError(t, err)
		tw := newTwin(t, m)
		for range 2 {
			nb := rapid.IntRange(1, 32).Draw(t, "batch")
			pixels := rapid.SliceOfN(rapid.Uint8(), 1, 61).Draw(t, "pixels")
			x, y := make([]uint8, nb*m.size(0)), make([]int, nb)
			for n := range x {
				x[n] = pixels[n%len(pixels)]
			}
			for b := range y {
				y[b] = (b + int(pixels[0])) % m.size(m.top)
			}
			eta := rapid.Uint32Max(65535).Draw(t, "eta")

			correct := m.Step(x, y, eta)
			tw.forward(x, nb)
			tw.errors(nb, y, m.FeedbackBits)
			tw.update(nb, int64(eta))
			compare(t, m, tw, nb)
			hits := 0
			for b := range nb {
				classes := m.size(m.top)
				if argmax(m.A[b*classes:(b+1)*classes]) == y[b] {
					hits++
				}
			}
			require.Equal(t, hits, correct)
		}
	})
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
	for i := 1; i <= m.top; i++ {
		require.Equal(t, tw.e[i][:nb*m.size(i)], m.E[i], "e_%d", i)
		require.Equal(t, tw.g[i], m.G[i], "G_%d", i)
		require.Equal(t, tw.gb[i], m.GB[i], "gb_%d", i)
		require.Equal(t, tw.v[i], m.V[i], "V_%d", i)
		require.Equal(t, tw.w[i], m.W[i], "W_%d", i)
		require.Equal(t, tw.vb[i], m.VB[i], "vb_%d", i)
		require.Equal(t, tw.b[i], m.B[i], "b_%d", i)
	}
	require.Equal(t, tw.stats, m.Stats)
	require.Equal(t, tw.wraps, m.AccWraps)
	require.Equal(t, tw.step, m.StepNo)
}
