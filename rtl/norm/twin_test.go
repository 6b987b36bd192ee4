package norm

import (
	"math/big"

	"bdfasim/isa"
)

// twin is what software sees of the unit: records, sums and status by channel, worked out element by element over whole
// maps, as docs/arithmetic.md sections 7 and 8 write it, in big integers.
type twin struct {
	mem      []byte
	rec      []record
	s1, s2   []*big.Int
	sat, max uint32
}

type record struct{ gamma, beta, vg, vb, rm, m, r, sh, rv int64 }

func newTwin(mem []byte, channels int) *twin {
	return &twin{mem: mem, rec: make([]record, channels), s1: make([]*big.Int, channels), s2: make([]*big.Int, channels)}
}

// job is a command.
type job struct {
	op    isa.Op
	flags uint16
	p     [isa.NumNormParams]uint32
}

func (j *job) int(p int) int { return int(int32(j.p[p])) }

func (j *job) geometry() (nb, h, w, pool int) {
	return j.int(isa.NormNB), j.int(isa.NormH), j.int(isa.NormW), j.int(isa.NormPool)
}

func (j *job) bn() bool { return j.flags&isa.FlagBN != 0 }

// at is the address of an element of the map whose address is parameter p and that has h x w pixels an image.
func (j *job) at(p, h, w, b, y, x, c int) int {
	padded := (j.int(isa.NormChan) + 15) / 16 * 16
	return j.int(p) + 2*(((b*h+y)*w+x)*padded+c)
}

// posAt is the byte and the shift of a position.
func (j *job) posAt(h, w, b, y, x, c int) (at, shift int) {
	blocks := (j.int(isa.NormChan) + 63) / 64
	return j.int(isa.NormPos) + 32*(((b*h+y)*w+x)*blocks+c/64) + c%64/2, c % 2 * 4
}

func (t *twin) get(at, bytes int) (v int64) {
	for i := range bytes {
		v |= int64(t.mem[at+i]) << (8 * i)
	}
	return v << (64 - 8*bytes) >> (64 - 8*bytes)
}

func (t *twin) put(at, bytes int, v int64) {
	for i := range bytes {
		t.mem[at+i] = byte(v >> (8 * i))
	}
}

func num(v int64) *big.Int            { return big.NewInt(v) }
func mul(a, b *big.Int) *big.Int      { return new(big.Int).Mul(a, b) }
func add(a, b *big.Int) *big.Int      { return new(big.Int).Add(a, b) }
func sub(a, b *big.Int) *big.Int      { return new(big.Int).Sub(a, b) }
func left(a *big.Int, s int) *big.Int { return new(big.Int).Lsh(a, uint(s)) }

// rounded is a / b, halves away from zero.
func rounded(a, b *big.Int) *big.Int {
	q := add(left(new(big.Int).Abs(a), 1), b)
	q.Quo(q, left(b, 1))
	if a.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func nearest(v *big.Int, s int) *big.Int {
	if s <= 0 {
		return left(v, -s)
	}
	return rounded(v, left(num(1), s))
}

func towardZero(v *big.Int, s int) *big.Int { return new(big.Int).Quo(v, left(num(1), s)) }

func clipped(v *big.Int, bits int, sat *uint32) int64 {
	hi := int64(1)<<(bits-1) - 1
	switch {
	case v.Cmp(num(hi)) > 0:
		*sat++
		return hi
	case v.Cmp(num(-hi-1)) < 0:
		*sat++
		return -hi - 1
	}
	return v.Int64()
}

func (t *twin) run(j *job) {
	switch j.op {
	case isa.OpNormLoad, isa.OpNormStore:
		for c := range j.int(isa.NormChan) {
			t.move(&t.rec[c], j.int(isa.NormRec)+64*c, j.op == isa.OpNormLoad)
		}
	case isa.OpNormStat:
		t.stat(j)
	case isa.OpNormFin:
		for c := range j.int(isa.NormChan) {
			t.fin(j, c)
		}
	case isa.OpNormFwd:
		t.forward(j)
	case isa.OpNormBack:
		t.back(j)
	case isa.OpNormGrad:
		t.grad(j)
	case isa.OpNormUpdate:
		for c := range j.int(isa.NormChan) {
			t.update(j, c)
		}
	}
}

func (t *twin) move(r *record, at int, load bool) {
	fields := []*int64{&r.gamma, &r.beta, &r.vg, &r.vb, &r.rm, &r.m, &r.r, &r.sh}
	for i, f := range fields {
		if load {
			*f = t.get(at+4*i, 4)
		} else {
			t.put(at+4*i, 4, *f)
		}
	}
	if load {
		r.rv = t.get(at+32, 8)
		return
	}
	t.put(at+32, 8, r.rv)
	for i := 40; i < 64; i += 8 {
		t.put(at+i, 8, 0)
	}
}

func (t *twin) stat(j *job) {
	nb, h, w, _ := j.geometry()
	for c := range j.int(isa.NormChan) {
		s1, s2 := num(0), num(0)
		for b := range nb {
			for y := range h {
				for x := range w {
					z := num(t.get(j.at(isa.NormSrc, h, w, b, y, x, c), 2))
					s1.Add(s1, z)
					s2.Add(s2, mul(z, z))
				}
			}
		}
		t.s1[c], t.s2[c] = s1, s2
	}
}

// inverseRoot is rsqrt, with its table entry from integers alone: round(2^16 / sqrt(a/512)) with a = 2v + 129 is the
// largest y with (2y-1)^2 * a <= 2^34 * 512.
func inverseRoot(x *big.Int) (r, sh int64) {
	shifted := func(s int64) *big.Int {
		if s < 0 {
			return new(big.Int).Rsh(x, uint(-s))
		}
		return left(x, int(s))
	}
	for sh = -64; shifted(sh).Cmp(left(num(1), 30)) < 0; {
		sh += 2
	}
	m := shifted(sh)
	a := 2*(m.Int64()>>24-64) + 129
	y := int64(1 << 18)
	for (2*y-1)*(2*y-1)*a > 1<<43 {
		y--
	}
	t := new(big.Int).Rsh(mul(m, num(y*y>>16)), 32)
	return y * (3<<16 - t.Int64()) >> 17, sh
}

func (t *twin) fin(j *job, c int) {
	nb, h, w, _ := j.geometry()
	n, eps := int64(nb*h*w), num(int64(j.p[isa.NormEps]))
	r := &t.rec[c]
	if j.flags&isa.FlagEval != 0 {
		r.m = r.rm
		r.r, r.sh = inverseRoot(add(num(r.rv), eps))
		return
	}
	r.m = rounded(left(t.s1[c], 8), num(n)).Int64()
	v := sub(rounded(left(t.s2[c], 16), num(n)), num(r.m*r.m))
	if v.Sign() < 0 {
		v = num(0)
	}
	r.r, r.sh = inverseRoot(add(v, eps))
	if n > 1 {
		v = rounded(mul(v, num(n)), num(n-1))
	}
	r.rm += nearest(num((r.m-r.rm)*6554), 16).Int64()
	r.rv += nearest(mul(sub(v, num(r.rv)), num(6554)), 16).Int64()
}

func (t *twin) xhat(j *job, b, y, x, c int) int64 {
	_, h, w, _ := j.geometry()
	z, r := t.get(j.at(isa.NormSrc, h, w, b, y, x, c), 2), &t.rec[c]
	return clipped(nearest(mul(num(z<<8-r.m), num(r.r)), int(20-r.sh/2)), 16, new(uint32))
}

// forward first makes the whole map u, then pools it.
func (t *twin) forward(j *job) {
	nb, h, w, p := j.geometry()
	chans := j.int(isa.NormChan)
	ph, pw := h/p, w/p
	for b := range nb {
		for y := range ph {
			for x := range pw {
				for c := range (chans + 63) / 64 * 64 {
					largest, place := int64(0), 15
					for k := range p * p {
						if c >= chans {
							break
						}
						u := t.u(j, b, y*p+k/p, x*p+k%p, c)
						if u > largest {
							largest, place = u, k
						}
					}
					at, shift := j.posAt(ph, pw, b, y, x, c)
					t.mem[at] = t.mem[at]&^(15<<shift) | byte(place<<shift)
					if c < (chans+15)/16*16 {
						t.put(j.at(isa.NormDst, ph, pw, b, y, x, c), 2, largest)
					}
				}
			}
		}
	}
}

func (t *twin) u(j *job, b, y, x, c int) int64 {
	_, h, w, _ := j.geometry()
	if !j.bn() {
		return t.get(j.at(isa.NormSrc, h, w, b, y, x, c), 2)
	}
	r := &t.rec[c]
	v := mul(nearest(num(r.gamma), 6), num(t.xhat(j, b, y, x, c)))
	return clipped(nearest(add(v, num(r.beta)), j.int(isa.NormShift)), 16, &t.sat)
}

func (t *twin) back(j *job) {
	nb, h, w, p := j.geometry()
	chans := j.int(isa.NormChan)
	for c := range (chans + 15) / 16 * 16 {
		t1, t2 := num(0), num(0)
		for b := range nb {
			for y := range h {
				for x := range w {
					d := int64(0)
					if y/p < h/p && x/p < w/p && c < chans {
						at, shift := j.posAt(h/p, w/p, b, y/p, x/p, c)
						if int(t.mem[at]>>shift&15) == y%p*p+x%p {
							d = t.get(j.at(isa.NormAux, h/p, w/p, b, y/p, x/p, c), 2)
						}
					}
					t.put(j.at(isa.NormDst, h, w, b, y, x, c), 2, d)
					if j.bn() && c < chans {
						t1.Add(t1, num(d))
						t2.Add(t2, num(d*t.xhat(j, b, y, x, c)))
					}
				}
			}
		}
		if j.bn() && c < chans {
			t.s1[c], t.s2[c] = t1, t2
		}
	}
}

func (t *twin) grad(j *job) {
	nb, h, w, _ := j.geometry()
	n := num(int64(nb * h * w))
	for c := range (j.int(isa.NormChan) + 15) / 16 * 16 {
		if c >= j.int(isa.NormChan) {
			for i := range nb * h * w {
				t.put(j.at(isa.NormDst, h, w, 0, 0, i, c), 2, 0)
			}
			continue
		}
		r := &t.rec[c]
		a1, a2 := rounded(left(t.s1[c], 8), n), rounded(t.s2[c], n)
		g := nearest(mul(nearest(num(r.gamma), 6), num(r.r)), 16)
		for b := range nb {
			for y := range h {
				for x := range w {
					d := num(t.get(j.at(isa.NormAux, h, w, b, y, x, c), 2) << 8)
					d.Sub(d, a1)
					d.Sub(d, nearest(mul(num(t.xhat(j, b, y, x, c)), a2), 16))
					e := clipped(nearest(d.Mul(d, g), j.int(isa.NormShift)-int(r.sh/2)), 16, &t.sat)
					t.max = max(t.max, uint32(max(e, -e)))
					t.put(j.at(isa.NormDst, h, w, b, y, x, c), 2, e)
				}
			}
		}
	}
}

func (t *twin) update(j *job, c int) {
	r := &t.rec[c]
	eta, mu := num(int64(j.p[isa.NormEta])), num(int64(j.p[isa.NormMu]))
	step := func(v, x *int64, sum *big.Int, gshift, tshift, bits int) {
		*v = clipped(add(towardZero(mul(mu, num(*v)), 16), nearest(sum, gshift)), 24, &t.sat)
		*x = clipped(sub(num(*x), nearest(mul(eta, num(*v)), tshift)), bits, &t.sat)
	}
	step(&r.vg, &r.gamma, t.s2[c], j.int(isa.NormGShift), j.int(isa.NormTShift), 30)
	step(&r.vb, &r.beta, t.s1[c], j.int(isa.NormGShift)-12, j.int(isa.NormTShift)-6, 32)
}
