package momentum

import (
	"math/big"
	"math/rand/v2"

	"bdfasim/isa"
)

// job is a command with the gradients that the DNNC would have left, and what software sees of it.
type job struct {
	op    isa.Op
	flags uint16
	p     [isa.NumMomParams]uint32
	grads [64][256]int64
	tile  [32][256]int16 // with flag upd: what goes to WMEM
}

func (j *job) rows() int {
	if j.op == isa.OpMomB {
		return 1
	}
	return int(j.p[isa.MomRows])
}

func (j *job) lanes() int { return int(j.p[isa.MomLanes]) }

func (j *job) upd() bool { return j.flags&isa.FlagUpd != 0 }

// groups is the number of groups of 16 lanes of a row.
func (j *job) groups() int { return (j.lanes() + 15) / 16 }

// halves is the number of banks that the job takes.
func (j *job) halves() int { return (j.rows() + 31) / 32 }

// randomJob has parameters of a kind that make every rounding and saturation happen.
func randomJob(rng *rand.Rand, op isa.Op, rows, lanes int) *job {
	j := &job{op: op}
	p := &j.p
	p[isa.MomRows], p[isa.MomLanes] = uint32(rows), uint32(lanes)
	p[isa.MomWStep], p[isa.MomVStep] = 8192, 12288
	p[isa.MomGShift] = uint32(int32(rng.IntN(30) - 2))
	p[isa.MomDShift] = uint32(int32(rng.IntN(30) - 4))
	p[isa.MomTShift] = uint32(8 + rng.IntN(20))
	if op == isa.OpMomB {
		p[isa.MomTShift] = uint32(int32(rng.IntN(30) - 10))
	}
	p[isa.MomEta], p[isa.MomMu], p[isa.MomLambda] = rng.Uint32N(1<<16), rng.Uint32N(1<<16), rng.Uint32N(1<<16)
	p[isa.MomCtr], p[isa.MomSeed] = rng.Uint32(), rng.Uint32()
	p[isa.MomCStep] = 16 * 2 * uint32(1+rng.IntN(80))
	for r := range j.grads {
		for l := range j.grads[r] {
			j.grads[r][l] = rng.Int64() >> (16 + rng.IntN(48))
		}
	}
	return j
}

// stats are the status registers by their definition.
type stats [4]uint32

// run applies a job to memory, element by element, as docs/arithmetic.md section 5 writes it.
func (j *job) run(mem []byte, st *stats) {
	for r := range j.rows() {
		for l := range j.lanes() {
			j.element(mem, st, r, l)
		}
	}
	if j.upd() {
		j.snapshot(mem)
	}
}

// snapshot keeps the weights as they lie in memory, with those behind the lanes in the last group
// of a row.
func (j *job) snapshot(mem []byte) {
	for r := range j.rows() {
		for l := range 16 * j.groups() {
			at := int(j.p[isa.MomWAddr]) + l/64*int(j.p[isa.MomWStep]) + (r*64+l%64)*2
			j.tile[r][l] = int16(signed(mem[at : at+2]))
		}
	}
}

func (j *job) element(mem []byte, st *stats, r, l int) {
	p := func(i int) int64 { return int64(int32(j.p[i])) }
	block, lane := l/64, l%64
	bias := j.op == isa.OpMomB
	wAt, wLen := int(p(isa.MomWAddr))+block*int(p(isa.MomWStep))+(r*64+lane)*2, 2
	vAt := int(p(isa.MomVAddr)) + block*int(p(isa.MomVStep)) + (r*64+lane)*3
	if bias {
		wAt, wLen = int(p(isa.MomWAddr))+4*l, 4
		vAt = int(p(isa.MomVAddr)) + 3*l
	}
	w, v := signed(mem[wAt:wAt+wLen]), signed(mem[vAt:vAt+3])
	sum := nearest(big.NewInt(j.grads[r][l]), int(p(isa.MomGShift)))
	mv := new(big.Int).Mul(big.NewInt(p(isa.MomMu)), big.NewInt(v))
	sum.Add(sum, mv.Quo(mv, big.NewInt(1<<16))) // Quo drops toward zero
	if !bias {
		sum.Add(sum, nearest(big.NewInt(p(isa.MomLambda)*w), int(p(isa.MomDShift))))
	}
	v2 := clip(sum, 24, &st[isa.MomSatV], &st[isa.MomMaxV])
	step := nearest(big.NewInt(p(isa.MomEta)*v2), int(p(isa.MomTShift)))
	if !bias {
		t := uint(p(isa.MomTShift))
		random := big.NewInt(int64(j.word(r, l)))
		random.Lsh(random, t).Rsh(random, 16)
		step = random.Add(random, big.NewInt(p(isa.MomEta)*v2))
		step.Rsh(step, t)
	}
	largest := &st[isa.MomMaxW]
	if bias {
		largest = new(uint32)
	}
	w2 := clip(new(big.Int).Sub(big.NewInt(w), step), uint(8*wLen), &st[isa.MomSatW], largest)
	for i := range wLen {
		mem[wAt+i] = byte(w2 >> (8 * i))
	}
	for i := range 3 {
		mem[vAt+i] = byte(v2 >> (8 * i))
	}
}

// word is the element's random word: 16 bits from bit 16n of the stream of its lane and half-block,
// bit by bit.
func (j *job) word(r, l int) uint32 {
	s := j.p[isa.MomSeed] ^ (j.p[isa.MomCtr] + uint32(l/64)*j.p[isa.MomCStep] + 16*uint32(r/32) + uint32(l%16))
	s ^= s >> 16
	s *= 0x7feb352d
	s ^= s >> 15
	s *= 0x846ca68b
	s ^= s >> 16
	if s == 0 {
		s = 0x9E3779B9
	}
	n := (r%32)*4 + l%64/16
	var word uint32
	for i := range 16 * (n + 1) {
		if i >= 16*n {
			word |= s & 1 << (i - 16*n)
		}
		s = s>>1 | (s^s>>10^s>>30^s>>31)<<31
	}
	return word
}

func signed(b []byte) (v int64) {
	for i := range b {
		v |= int64(b[i]) << (8 * i)
	}
	bits := 64 - 8*len(b)
	return v << bits >> bits
}

// nearest is v / 2^s rounded to nearest, ties away from zero.
func nearest(v *big.Int, s int) *big.Int {
	if s <= 0 {
		return new(big.Int).Lsh(v, uint(-s))
	}
	half := new(big.Int).Lsh(big.NewInt(1), uint(s-1))
	q := new(big.Int).Add(new(big.Int).Abs(v), half)
	q.Rsh(q, uint(s))
	if v.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func clip(v *big.Int, bits uint, sat, most *uint32) int64 {
	hi := int64(1)<<(bits-1) - 1
	x := hi
	switch {
	case v.Cmp(big.NewInt(hi)) > 0:
		*sat++
	case v.Cmp(big.NewInt(-hi-1)) < 0:
		*sat++
		x = -hi - 1
	default:
		x = v.Int64()
	}
	m := x
	if m < 0 {
		m = -m
	}
	*most = max(*most, uint32(m))
	return x
}
