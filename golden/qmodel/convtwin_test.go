package qmodel

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// convTwin is what a convolutional layer of the twin has in addition. Indices are spelt out: at(b, y, x, c).
type convTwin struct {
	z, u, h, d                           []int16
	pos                                  []uint8
	gamma, beta, vg, vb, rm, rv, m, r, s []int64
	t1, t2                               []int64
}

// newConvs draws the normalisation of m and takes it over.
func (t *twin) newConvs(rt *rapid.T, m *Model) {
	t.conv = make([]convTwin, len(t.c.Convs)+1)
	for i := 1; i <= len(t.c.Convs); i++ {
		l, c := t.c.Convs[i-1], &t.conv[i]
		zh, zw := l.ZSize()
		n := 32 * zh * zw * l.OutC
		c.z, c.u, c.h, c.d, c.pos = make([]int16, n), make([]int16, n), make([]int16, n), make([]int16, 32*m.size(i)), make([]uint8, n)
		if !l.BN {
			continue
		}
		some := rapid.SliceOfN(rapid.Int32(), 1, 7).Draw(rt, "norm")
		for j := range l.OutC {
			v := some[j%len(some)]
			m.Beta[i][j] = v
			if v%2 == 0 {
				m.Gamma[i][j], m.VGamma[i][j], m.VBeta[i][j] = v>>2, v>>8, v>>9
			}
			c.gamma, c.beta = append(c.gamma, int64(m.Gamma[i][j])), append(c.beta, int64(m.Beta[i][j]))
			c.vg, c.vb = append(c.vg, int64(m.VGamma[i][j])), append(c.vb, int64(m.VBeta[i][j]))
			c.rm, c.rv = append(c.rm, 0), append(c.rv, 1<<(2*l.Fz+16))
		}
		c.m, c.r, c.s = make([]int64, l.OutC), make([]int64, l.OutC), make([]int64, l.OutC)
		c.t1, c.t2 = make([]int64, l.OutC), make([]int64, l.OutC)
	}
}

// maps returns the functions that index z_i, o_{i-1} and o_i.
func (t *twin) maps(i int) (z, in, out func(b, y, x, c int) int) {
	l := t.c.Convs[i-1]
	zh, zw := l.ZSize()
	h, w := l.OutSize()
	p := t.c.Sizes[i] / (h * w)
	return func(b, y, x, c int) int { return ((b*zh+y)*zw+x)*l.OutC + c },
		func(b, y, x, c int) int { return ((b*l.InH+y)*l.InW+x)*l.InC + c },
		func(b, y, x, c int) int { return ((b*h+y)*w+x)*p + c }
}

// each calls f for every element of nb maps.
func each(nb, h, w, chans int, f func(b, y, x, c int)) {
	for b := range nb {
		for y := range h {
			for x := range w {
				for c := range chans {
					f(b, y, x, c)
				}
			}
		}
	}
}

func (t *twin) convolve(i, nb int) {
	l, c := t.c.Convs[i-1], &t.conv[i]
	zAt, inAt, _ := t.maps(i)
	zh, zw := l.ZSize()
	each(nb, zh, zw, l.OutC, func(b, y, x, j int) {
		var sum int64
		for ky := range l.Kernel {
			for kx := range l.Kernel {
				iy, ix := y*l.Stride+ky-l.Pad, x*l.Stride+kx-l.Pad
				if iy < 0 || iy >= l.InH || ix < 0 || ix >= l.InW {
					continue
				}
				for in := range l.InC {
					sum += int64(t.o[i-1][inAt(b, iy, ix, in)]) * int64(t.w[i][((ky*l.Kernel+kx)*l.OutC+j)*l.InC+in])
				}
			}
		}
		sum = t.wrap(t.wrap(sum) + int64(t.b[i][j]))
		c.z[zAt(b, y, x, j)] = int16(t.sat(t.away(sum, t.c.F.Fo[i-1]+t.c.F.Fw[i]-l.Fz), 16, &t.stats.Z[i]))
	})
}

// bigDiv is rdiv((a << s) * f, n) as section 8 writes it.
func bigDiv(a int64, s uint, f, n int64) int64 {
	v := new(big.Int).Lsh(big.NewInt(a), s)
	v.Mul(v, big.NewInt(f))
	sign := int64(v.Sign())
	v.Abs(v).Lsh(v, 1).Add(v, big.NewInt(n)).Div(v, big.NewInt(2*n))
	return sign * v.Int64()
}

// bigClip clips away(v, s) to n bits.
func bigClip(v int64, s, n int) int64 {
	b := big.NewInt(v)
	sign := int64(b.Sign())
	if b.Abs(b); s > 0 {
		b.Add(b, new(big.Int).Lsh(big.NewInt(1), uint(s-1))).Rsh(b, uint(s))
	} else {
		b.Lsh(b, uint(-s))
	}
	if limit := int64(1) << (n - 1); b.Cmp(big.NewInt(limit)) > 0 {
		return sign * 2 * limit // beyond the clip
	}
	return sign * b.Int64()
}

// root is rsqrt of section 8.
func (t *twin) root(v int64) (r, sh int64) {
	for sh = 40; ; sh -= 2 {
		m := new(big.Int).Lsh(big.NewInt(v), 64)
		m.Rsh(m, uint(64-sh))
		if m.BitLen() <= 32 {
			m64 := m.Int64()
			y0 := int64(math.Round(65536 / math.Sqrt((float64(m64>>24-64)+64.5)/256)))
			return (y0 * (3*65536 - (m64*((y0*y0)>>16))>>32)) >> 17, sh
		}
	}
}

func (t *twin) normalise(i, nb int, training bool) {
	l, c := t.c.Convs[i-1], &t.conv[i]
	zAt, _, _ := t.maps(i)
	zh, zw := l.ZSize()
	if !l.BN {
		copy(c.u, c.z)
		return
	}
	n, eps := int64(nb*zh*zw), max(1, int64(math.Round(1e-5*math.Pow(2, float64(2*l.Fz+16)))))
	for j := range l.OutC {
		var s1, s2 int64
		each(nb, zh, zw, 1, func(b, y, x, _ int) {
			z := int64(c.z[zAt(b, y, x, j)])
			s1, s2 = s1+z, s2+z*z
		})
		c.m[j] = bigDiv(s1, 8, 1, n)
		v := max(0, bigDiv(s2, 16, 1, n)-c.m[j]*c.m[j])
		c.r[j], c.s[j] = t.root(v + eps)
		if !training {
			c.m[j] = c.rm[j]
			c.r[j], c.s[j] = t.root(c.rv[j] + eps)
		} else {
			vu := v
			if n > 1 {
				vu = bigDiv(v, 0, n, n-1)
			}
			c.rm[j] += t.away((c.m[j]-c.rm[j])*6554, 16)
			c.rv[j] += t.away((vu-c.rv[j])*6554, 16)
		}
		h, w := l.OutSize()
		each(nb, zh, zw, 1, func(b, y, x, _ int) {
			at := zAt(b, y, x, j)
			u := t.away(t.away(c.gamma[j], 6)*t.xhat(i, at, j)+c.beta[j], 26-t.c.F.Fo[i])
			clipped := min(max(u, -32768), 32767)
			if clipped != u && y < h*l.Pool && x < w*l.Pool {
				t.stats.U[i].Sat++
			}
			c.u[at] = int16(clipped)
		})
	}
}

func (t *twin) xhat(i, at, j int) int64 {
	c := &t.conv[i]
	x := t.away(((int64(c.z[at])<<8)-c.m[j])*c.r[j], 20-int(c.s[j])/2)
	return min(max(x, -32768), 32767)
}

func (t *twin) pool(i, nb int) {
	l, c := t.c.Convs[i-1], &t.conv[i]
	zAt, _, outAt := t.maps(i)
	h, w := l.OutSize()
	clear(t.o[i])
	each(nb, h, w, l.OutC, func(b, y, x, j int) {
		var m int16
		for dy := range l.Pool {
			for dx := range l.Pool {
				m = max(m, c.u[zAt(b, y*l.Pool+dy, x*l.Pool+dx, j)])
			}
		}
		pos := uint8(15)
		for place := l.Pool*l.Pool - 1; place >= 0; place-- {
			if m > 0 && c.u[zAt(b, y*l.Pool+place/l.Pool, x*l.Pool+place%l.Pool, j)] == m {
				pos = uint8(place)
			}
		}
		c.pos[((b*h+y)*w+x)*l.OutC+j] = pos
		t.o[i][outAt(b, y, x, j)] = m
		t.stats.O[i].MaxAbs = max(t.stats.O[i].MaxAbs, int64(m))
	})
}

func (t *twin) unpool(i, nb int) {
	l, c := t.c.Convs[i-1], &t.conv[i]
	zAt, _, outAt := t.maps(i)
	zh, zw := l.ZSize()
	h, w := l.OutSize()
	each(nb, zh, zw, l.OutC, func(b, y, x, j int) {
		at, wy, wx := zAt(b, y, x, j), y/l.Pool, x/l.Pool
		c.h[at] = 0
		if wy < h && wx < w && int(c.pos[((b*h+wy)*w+wx)*l.OutC+j]) == y%l.Pool*l.Pool+x%l.Pool {
			c.h[at] = c.d[outAt(b, wy, wx, j)]
		}
	})
}

func (t *twin) unnormalise(i, nb int) {
	l, c := t.c.Convs[i-1], &t.conv[i]
	zAt, _, _ := t.maps(i)
	zh, zw := l.ZSize()
	if !l.BN {
		copy(t.e[i], c.h)
		return
	}
	n := int64(nb * zh * zw)
	for j := range l.OutC {
		c.t1[j], c.t2[j] = 0, 0
		each(nb, zh, zw, 1, func(b, y, x, _ int) {
			at := zAt(b, y, x, j)
			c.t1[j], c.t2[j] = c.t1[j]+int64(c.h[at]), c.t2[j]+int64(c.h[at])*t.xhat(i, at, j)
		})
		a1, a2 := bigDiv(c.t1[j], 8, 1, n), bigDiv(c.t2[j], 0, 1, n)
		g := t.away(t.away(c.gamma[j], 6)*c.r[j], 16)
		each(nb, zh, zw, 1, func(b, y, x, _ int) {
			at := zAt(b, y, x, j)
			v := ((int64(c.h[at]) << 8) - a1 - t.away(t.xhat(i, at, j)*a2, 16)) * g
			shift := l.Fd - t.c.F.Fe[i] + 30 - l.Fz - int(c.s[j])/2
			t.e[i][at] = int16(t.sat(bigClip(v, shift, 16), 16, &t.stats.E[i]))
		})
	}
}

func (t *twin) unconvolve(i, nb int) {
	l, below := t.c.Convs[i-1], &t.conv[i-1]
	zAt, inAt, _ := t.maps(i)
	zh, zw := l.ZSize()
	each(nb, l.InH, l.InW, l.InC, func(b, y, x, in int) {
		var sum int64
		for ky := range l.Kernel {
			for kx := range l.Kernel {
				oy, ox := y+l.Pad-ky, x+l.Pad-kx
				if oy < 0 || ox < 0 || oy%l.Stride != 0 || ox%l.Stride != 0 || oy/l.Stride >= zh || ox/l.Stride >= zw {
					continue
				}
				for j := range l.OutC {
					sum += int64(t.e[i][zAt(b, oy/l.Stride, ox/l.Stride, j)]) * int64(t.w[i][((ky*l.Kernel+kx)*l.OutC+j)*l.InC+in])
				}
			}
		}
		shift := t.c.F.Fw[i] + t.c.F.Fe[i] - t.c.Convs[i-2].Fd
		below.d[inAt(b, y, x, in)] = int16(t.sat(t.away(t.wrap(sum), shift), 16, &t.stats.D[i-1]))
	})
}

// convGradient sums and updates W_i and b_i.
func (t *twin) convGradient(i, nb int, eta int64) {
	l := t.c.Convs[i-1]
	zAt, inAt, _ := t.maps(i)
	zh, zw := l.ZSize()
	for j := range l.OutC {
		var gb int64
		each(nb, zh, zw, 1, func(b, y, x, _ int) { gb += int64(t.e[i][zAt(b, y, x, j)]) })
		if l.Bias {
			t.updateBias(i, j, gb, eta)
		}
		for tap := range l.Kernel * l.Kernel {
			for in := range l.InC {
				var g int64
				each(nb, zh, zw, 1, func(b, y, x, _ int) {
					iy, ix := y*l.Stride+tap/l.Kernel-l.Pad, x*l.Stride+tap%l.Kernel-l.Pad
					if iy >= 0 && iy < l.InH && ix >= 0 && ix < l.InW {
						g += int64(t.e[i][zAt(b, y, x, j)]) * int64(t.o[i-1][inAt(b, iy, ix, in)])
					}
				})
				k := tap*((l.InC+63)/64)*64 + in
				if l.InC < 64 {
					per := 64 / l.InC
					k = tap/per*64 + (tap-tap/per*per)*l.InC + in
				}
				t.updateWeight(i, (tap*l.OutC+j)*l.InC+in, j, k, g, eta)
			}
		}
	}
}

func (t *twin) updateNorm(i int, eta int64) {
	l, c, f := t.c.Convs[i-1], &t.conv[i], t.c.F
	for j := range c.gamma {
		c.vg[j] = t.sat(int64(t.c.Mu)*c.vg[j]/65536+bigClip(c.t2[j], l.Fd+17-f.Fv[i], 40), 24, &t.stats.VGamma[i])
		c.gamma[j] = t.sat(c.gamma[j]-t.away(eta*c.vg[j], f.Fv[i]-4), 30, &t.stats.Gamma[i])
		c.vb[j] = t.sat(int64(t.c.Mu)*c.vb[j]/65536+bigClip(c.t1[j], l.Fd+5-f.Fv[i], 40), 24, &t.stats.VBeta[i])
		c.beta[j] = t.sat(c.beta[j]-t.away(eta*c.vb[j], f.Fv[i]-10), 32, &t.stats.Beta[i])
	}
}

// wide returns a list of the model as the twin keeps it.
func wide[T int32 | uint32 | int64](v []T) []int64 {
	var w []int64
	for _, x := range v {
		w = append(w, int64(x))
	}
	return w
}

func (t *twin) compareConvs(rt *rapid.T, m *Model, nb int) {
	for i := 1; i <= len(t.c.Convs); i++ {
		c, z := &t.conv[i], nb*m.cfg.errors(i)
		require.Equal(rt, c.z[:z], m.Z[i], "z_%d", i)
		require.Equal(rt, c.pos[:nb*m.places(i)], m.Pos[i], "pos_%d", i)
		require.Equal(rt, c.d[:nb*m.size(i)], m.D[i], "d_%d", i)
		require.Equal(rt, c.h[:z], m.H[i], "h_%d", i)
		require.Equal(rt, c.m, wide(m.M[i]), "m_%d", i)
		require.Equal(rt, c.r, wide(m.R[i]), "r_%d", i)
		require.Equal(rt, c.s, wide(m.Sh[i]), "sh_%d", i)
		require.Equal(rt, c.t1, wide(m.GBeta[i]), "T1_%d", i)
		require.Equal(rt, c.t2, wide(m.GGamma[i]), "T2_%d", i)
	}
}

func (t *twin) compareNorms(rt *rapid.T, m *Model) {
	for i := 1; i <= len(t.c.Convs); i++ {
		c := &t.conv[i]
		require.Equal(rt, c.gamma, wide(m.Gamma[i]), "gamma_%d", i)
		require.Equal(rt, c.beta, wide(m.Beta[i]), "beta_%d", i)
		require.Equal(rt, c.vg, wide(m.VGamma[i]), "vg_%d", i)
		require.Equal(rt, c.vb, wide(m.VBeta[i]), "vb_%d", i)
		require.Equal(rt, c.rm, wide(m.RM[i]), "rm_%d", i)
		require.Equal(rt, c.rv, wide(m.RV[i]), "rv_%d", i)
	}
}

// drawConvs draws one or two layers that follow each other; channels of 60 and more fill blocks of random words.
func drawConvs(t *rapid.T) []Conv {
	h, w, chans := rapid.IntRange(1, 9).Draw(t, "h"), rapid.IntRange(1, 9).Draw(t, "w"), rapid.IntRange(1, 5).Draw(t, "c")
	var convs []Conv
	for range rapid.IntRange(1, 2).Draw(t, "layers") {
		c := Conv{InC: chans, InH: h, InW: w, OutC: rapid.IntRange(1, 5).Draw(t, "out"), Kernel: rapid.IntRange(1, 4).Draw(t, "kernel")}
		if h*w < 10 && rapid.Bool().Draw(t, "wide") {
			c.OutC = rapid.IntRange(60, 70).Draw(t, "out")
		}
		c.Pad = rapid.IntRange(0, c.Kernel-1).Draw(t, "pad")
		c.Kernel = min(c.Kernel, h+2*c.Pad, w+2*c.Pad)
		c.Pad = min(c.Pad, c.Kernel-1)
		least := max(-c.Pad, c.Kernel-min(h, w)-2*c.Pad)
		c.Extra = rapid.IntRange(least, c.Kernel-1-c.Pad).Draw(t, "extra")
		c.Stride = rapid.SampledFrom([]int{1, 1, 2, 4}).Draw(t, "stride")
		zh, zw := c.ZSize()
		c.Pool = min(rapid.IntRange(1, 3).Draw(t, "pool"), zh, zw)
		c.BN, c.Bias = rapid.Bool().Draw(t, "bn"), rapid.Bool().Draw(t, "bias")
		convs = append(convs, c)
		h, w = c.OutSize()
		chans = c.OutC
	}
	return convs
}

func TestConvStepEqualsTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { stepEqualsTwin(t, drawConvs(t), 3) })
}
