package synth

import (
	"reflect"

	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// leaf is a piece of a unit's RTL whose gates are replayed, and how a chip shows what it sees.
type leaf struct {
	name    string
	unit    activity.Unit
	top     string
	expose  string // the output that is compared, if it is a net inside
	output  string
	signals string // Signals; the last two: want of the output, and when it is compared
	watch   func(chip *rtl.Chip) watcher
	event   activity.Event // that is priced
	toggles []activity.Event
}

// watcher looks at a chip before and after a cycle and returns the leaf's values and the number of
// its operations in that cycle.
type watcher struct {
	before func()
	after  func(v []uint64) ([]uint64, float64)
}

var leaves = []leaf{
	{
		name: "16 MAC lanes", unit: activity.DNNC, top: "dnnc_slice", expose: "next", output: "next",
		signals: "x 16, w 16x16, sum accx16, multiply 1, add 1, want accx16, check 1",
		watch:   watchMAC, event: activity.MAC,
		toggles: []activity.Event{activity.ToggleX, activity.ToggleW, activity.ToggleAcc},
	},
	{
		name: "DEPC sign trees", unit: activity.DEPC, top: "depc_trees", output: "tree",
		signals: "e 16x16, sign 16x16, part 2, want 21x16, check 1",
		watch:   watchDEPC, event: activity.DEPCAdd,
		toggles: []activity.Event{activity.DEPCToggleIn, activity.DEPCToggleOut},
	},
	{
		name: "EPC multiplier tree", unit: activity.EPC, top: "epc_trees", expose: "sums_next[35:0]", output: "exposed",
		signals: "e 16x16, w 16x16, s1_part 2, want 36, check 1",
		watch:   watchEPC, event: activity.EPCMul,
		toggles: []activity.Event{activity.EPCToggleIn, activity.EPCToggleW, activity.EPCToggleOut},
	},
	{
		name: "LFSR leap", unit: activity.LFSR, top: "lfsr", expose: "jumped", output: "jumped",
		signals: "s 32, want 32, check 1",
		watch:   watchLFSR, event: activity.LFSRStep,
	},
	{
		name: "momentum lane", unit: activity.Mom, top: "mom_lane", output: "w_new",
		signals: "exists 1, bias 1, grad acc, w 32, v 24, word 16, mu 16, eta 16, lambda 16, gshift 7, dshift 7, tshift 7, want 32, check 1",
		watch:   watchMom, event: activity.MomLane,
	},
	{
		name: "run-length decoder", unit: activity.OMEM, top: "omem_extract", output: "decodes",
		signals: "starts 1, runs 1, limit 7, room 1, some 1, word 64, word_raw 1, word_first 1, word_last 1, word_sample 7, word_elem 6, done 1, nz 22x4, n 3, i 3, pos 7, sample 7, elem 6, ended 1, want 3, check 1",
		watch:   watchRLC, event: activity.RLCDecode,
	},
}

func flag1(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// watchMAC looks at the first 16 lanes: an operand that the chip put off in a cycle is applied at
// the end of it.
func watchMAC(chip *rtl.Chip) watcher {
	u := chip.DNNC
	weights := reflect.ValueOf(u).Elem().FieldByName("cur").FieldByName("w")
	width := chip.Config().DNNC.Lanes
	var x uint64
	var w, sum, next [16]uint64
	return watcher{
		before: func() {},
		after: func(v []uint64) ([]uint64, float64) {
			works := u.NPairs[0] == 1
			p := u.Pairs[0][0]
			u.Flush()
			if works {
				x = uint64(uint16(p.X))
				at := (int(u.Bank)*32 + int(u.Row[0])) * width
				for l := range 16 {
					factor := weights.Index(int(p.Row)*width + l).Int()
					w[l] = uint64(uint16(factor))
					next[l] = uint64(u.Acc[at+l])
					sum[l] = uint64(u.Acc[at+l] - int64(p.X)*factor)
				}
			}
			v = append(append(append(v, x), w[:]...), sum[:]...)
			v = append(v, flag1(works), flag1(works))
			return append(append(v, next[:]...), flag1(works)), 16 * float64(flag1(works))
		},
	}
}

func watchDEPC(chip *rtl.Chip) watcher {
	u := chip.DEPC
	var in, old []uint64
	count := counted(chip, activity.DEPCAdd)
	return watcher{
		before: func() {
			in, old = in[:0], old[:0]
			for _, e := range u.E[:16] {
				in = append(in, uint64(uint16(e)))
			}
			for _, s := range u.Sign[0] {
				in = append(in, uint64(s))
			}
			in = append(in, uint64(u.S1.Part))
			for _, s := range u.Tree[:16] {
				old = append(old, uint64(s))
			}
		},
		after: func(v []uint64) ([]uint64, float64) {
			v = append(v, in...)
			changed := false
			for i, s := range u.Tree[:16] {
				v, changed = append(v, uint64(s)), changed || old[i] != uint64(s)
			}
			return append(v, flag1(changed)), count()
		},
	}
}

// counted returns what an event counted since it was asked last.
func counted(chip *rtl.Chip, e activity.Event) func() float64 {
	last := uint64(0)
	return func() float64 {
		now := chip.Activity().Total(e)
		n := now - last
		last = now
		return float64(n)
	}
}

func watchEPC(chip *rtl.Chip) watcher {
	u := chip.EPC
	var in []uint64
	var old int64
	count := counted(chip, activity.EPCMul)
	trees := float64(chip.Config().EPC.Neurons)
	return watcher{
		before: func() {
			in = in[:0]
			for _, e := range u.E[:16] {
				in = append(in, uint64(uint16(e)))
			}
			for _, w := range u.Trees.W[:16] {
				in = append(in, uint64(uint16(w)))
			}
			in, old = append(in, uint64(u.S1.Part)), u.Trees.Sums[0]
		},
		after: func(v []uint64) ([]uint64, float64) {
			now := u.Trees.Sums[0]
			return append(append(v, in...), uint64(now), flag1(now != old)), count() / trees
		},
	}
}

func watchLFSR(chip *rtl.Chip) watcher {
	u := chip.LFSR
	var old uint32
	return watcher{
		before: func() { old = u.S },
		after: func(v []uint64) ([]uint64, float64) {
			leaps := flag1(old != u.S && !chip.Inputs().LFSR.Start)
			return append(v, uint64(old), uint64(u.S), leaps), float64(leaps)
		},
	}
}

// watchMom looks at the first lane of a part, which has left the outputs of the memories.
func watchMom(chip *rtl.Chip) watcher {
	u := chip.Mom
	var held []uint64
	return watcher{
		before: func() {},
		after: func(v []uint64) ([]uint64, float64) {
			s := &u.Stages[0]
			works := s.Valid && s.N > 0
			if works {
				c := &u.Ring[s.Chunk]
				held = momLane(held[:0], &u.Queue.Cmds[c.Slot].P, c.Bias, s.Lanes[0].Grad, s.Lanes[0].W, s.Lanes[0].V, s.Lanes[0].Rand)
			} else if held == nil {
				held = make([]uint64, 13)
			}
			return append(append(v, held...), flag1(works)), float64(flag1(works))
		},
	}
}

// momLane lists the inputs of a lane, and its new weight by docs/arithmetic.md, section 5.
func momLane(v []uint64, p *[16]uint32, bias bool, grad int64, w, velocity int32, word uint16) []uint64 {
	mu, eta, lambda := p[isa.MomMu], p[isa.MomEta], p[isa.MomLambda]
	signed := func(i int) int { return int(int32(p[i])) }
	sum := fixed.TowardZero(int64(mu)*int64(velocity), 16) + fixed.Away(grad, signed(isa.MomGShift))
	if !bias {
		sum += fixed.Away(int64(lambda)*int64(w), signed(isa.MomDShift))
	}
	sum, _ = fixed.Sat(sum, 24)
	step, bits := fixed.Stochastic(int64(eta)*sum, signed(isa.MomTShift), word), uint(16)
	if bias {
		step, bits = fixed.Away(int64(eta)*sum, signed(isa.MomTShift)), 32
	}
	next, _ := fixed.Sat(int64(w)-step, bits)
	return append(v, 1, flag1(bias), uint64(grad), uint64(w), uint64(velocity), uint64(word), uint64(mu), uint64(eta),
		uint64(lambda), uint64(p[isa.MomGShift]), uint64(p[isa.MomDShift]), uint64(p[isa.MomTShift]), uint64(next))
}

// watchRLC looks at the first decoder.
func watchRLC(chip *rtl.Chip) watcher {
	u := chip.OMEM
	e, f := &u.Extract[0], &u.Fetch[0]
	var in []uint64
	var opens bool
	return watcher{
		before: func() {
			w, r := &f.Words[f.WHead], &u.Requests[0]
			runs := u.Running && u.NReq > 0
			opens = runs && !e.Ended && e.I == e.N && f.WN > 0
			done := f.Sample >= r.NB && f.BN == 0 && (f.WN == 0 || f.WN == 1 && opens)
			in = append(in[:0], 0, flag1(runs), uint64(r.Limit), 0, flag1(f.WN > 0), w.Word, flag1(w.Raw), flag1(w.First),
				flag1(w.Last), uint64(w.Sample), uint64(w.Elem), flag1(done))
			for _, z := range e.NZ {
				in = append(in, uint64(uint16(z.X))<<6|uint64(z.Elem))
			}
			in = append(in, uint64(e.N), uint64(e.I), uint64(e.Pos), uint64(e.Sample), uint64(e.Elem), flag1(e.Ended))
		},
		after: func(v []uint64) ([]uint64, float64) {
			in[3] = flag1(chip.Inputs().OMEM.XRoom[0])
			n := uint64(0)
			if opens {
				n = uint64(e.N)
			}
			return append(append(v, in...), n, flag1(opens)), float64(n)
		},
	}
}
