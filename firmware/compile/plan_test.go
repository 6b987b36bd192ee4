package compile

import (
	"cmp"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/isa/machine"
)

const small = "conv: {out: 20, kernel: 3, pad: 1}, bn, relu, maxpool: {kernel: 2}, conv: {out: 70, kernel: 3, pad: 1}, relu, flatten, fc: {out: 40}, relu, fc: {out: 5}"

func rules(s *Spec) map[string]func() {
	return map[string]func(){
		BP: func() {}, ConvOnly: func() { s.Rule = ConvOnly },
		DFA: func() { s.Rule, s.D = DFA, feedbackOf(s) }, BFA: func() { s.Rule = BFA },
		BDFA: func() { s.Rule, s.Feedback, s.Signs = BDFA, firmware.SRAM, signsOf(s) },
	}
}

func feedbackOf(s *Spec) [][]float64 {
	out := make([][]float64, len(s.Layers))
	for i := 1; i < s.top(); i++ {
		out[i] = make([]float64, s.Layers[i].Outputs()*s.Net.Classes)
	}
	return out
}

func signsOf(s *Spec) [][]int8 {
	out := make([][]int8, len(s.Layers))
	for i := 1; i < s.top(); i++ {
		for range s.Layers[i].ChipOutputs() * s.Net.Classes {
			out[i] = append(out[i], 1)
		}
	}
	return out
}

// Regions do not overlap, end inside their half, begin with a burst; segments lie inside regions; and what a stream reads
// lies in the other half than what it writes at the same time.
func TestPlanRegions(t *testing.T) {
	for rule := range rules(&Spec{}) {
		s := sample(t, parse(t, false, small), BP, "", 8, 20)
		rules(&s)[rule]()
		img, p, err := Build(s)
		require.NoError(t, err, rule)
		half := int(p.Header.XMemBytes) / 2
		for k, regions := range [][]Region{p.Low, p.High} {
			sort.Slice(regions, func(a, b int) bool { return regions[a].Addr < regions[b].Addr })
			end := k * half
			for _, r := range regions {
				require.GreaterOrEqual(t, int(r.Addr), end, r.Name)
				require.Zero(t, r.Addr%32, r.Name)
				end = int(r.Addr) + r.Bytes
			}
			require.LessOrEqual(t, end, (k+1)*half)
		}
		for _, seg := range img.Segments {
			inside := 0
			for _, r := range append(p.Low, p.High...) {
				if seg.Addr >= r.Addr && int(seg.Addr)+len(seg.Data) <= int(r.Addr)+(r.Bytes+31)&^31 {
					inside++
				}
			}
			require.Equal(t, 1, inside, seg.Name)
		}
		upper := func(a uint32) bool { return int(a) >= half }
		require.True(t, upper(p.BatchBuffer), "images are read for z")
		for i := 1; i < len(p.Layers); i++ {
			l := &p.Layers[i]
			require.NotEqual(t, upper(l.Weights), upper(l.Velocities), "the momentum unit streams both")
			if !l.Conv {
				continue
			}
			require.NotEqual(t, upper(l.Z), upper(l.O), "norm.fwd reads z and writes o")
			require.NotEqual(t, upper(l.D), upper(l.E), "norm.back reads d and writes e")
			if i > 1 {
				require.NotEqual(t, upper(p.Layers[i-1].O), upper(l.Z), "o is read for z")
				require.NotEqual(t, upper(l.E), upper(p.Layers[i-1].D), "e is read for d")
			}
		}
	}
}

// On the chip nothing overlaps either: pointers and words of layers, the two buffers of a streamed input, the two of strips.
func TestPlanOnChip(t *testing.T) {
	s := sample(t, parse(t, false, small), BP, "", 8, 20)
	s.Machine = machine.Reference()
	s.Machine.OMEM.Words = 4000
	_, p, err := Build(s)
	require.NoError(t, err)
	require.True(t, p.Layers[3].Streamed)
	require.LessOrEqual(t, p.OMEMWords+2*p.room.words, s.Machine.OMEM.Words)
	require.LessOrEqual(t, p.Pointers+2*p.room.ptrs, s.Machine.OMEM.Pointers)
	type area struct{ from, to uint32 }
	var words []area
	for i := p.Convs() + 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		words = append(words, area{l.Err, l.Err + 8*l.ErrStep})
		if i == len(p.Layers)-1 {
			words = append(words, area{l.Out, l.Out + 8*l.OutStep})
		} else {
			words = append(words, area{l.OutAlloc, l.OutLimit})
		}
	}
	for _, a := range p.streamAlloc[:2] {
		words = append(words, area{a, a + 8*blockWords})
	}
	sort.Slice(words, func(a, b int) bool { return words[a].from < words[b].from })
	for k := range words[1:] {
		require.LessOrEqual(t, words[k].to, words[k+1].from)
	}
	require.LessOrEqual(t, int(words[len(words)-1].to), p.OMEMWords)
}

// What does not fit is refused with the layer, the memory, and how much is missing.
func TestBuildNamesWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		layers, want string
		change       func(*Spec)
	}{
		{small, `^compile: omem: layer fc2: its error needs 128 words, 100 of 484 are left: 28 missing$`, func(s *Spec) { s.Machine.OMEM.Words = 484 }},
		{small, `^compile: omem: layer conv1: forward pass of one row of pixels needs \d+ words, \d+ fit into one of two buffers: [1-9]\d* missing$`, func(s *Spec) { s.Machine.OMEM.Words = 868 }},
		{small, `^compile: pointer table: layer fc1: its output needs 8 pointers, 7 of 7 are left: 1 missing$`, func(s *Spec) { s.Machine.OMEM.Pointers = 7 }},
		{small, `^compile: pointer table: layer conv1: forward pass of one row of pixels needs \d+ pointers, \d+ fit into one of two buffers: [1-9]\d* missing$`, func(s *Spec) { s.Machine.OMEM.Pointers = 60 }},
		{small, `^compile: mask memory: layer fc1: f' needs 24 words, 23 of 23 are left: 1 missing$`, func(s *Spec) { s.Machine.OMEM.MaskWords = 23 }},
		{small, `^compile: loss unit: layer fc2: 5 classes, 4 fit: 1 missing$`, func(s *Spec) { s.Machine.Loss.Classes = 4 }},
		{small, `^compile: sign memory: layer fc1: feedback needs 3 entries, 2 of 82 are left: 1 missing$`, func(s *Spec) { rules(s)[BDFA](); s.Machine.DEPC.SignEntries = 82 }},
		{small, `^compile: external memory, lower half: needs 371296 bytes, there are 65536: 305760 missing; conv1\.d is the first that does not fit, fc1\.W the largest with 172032$`, func(s *Spec) { s.Machine.XMem.Bytes = 1 << 17 }},
		{small, `^compile: instruction memory: the program of n needs \d+ bytes, there are 1024: [1-9]\d* missing$`, func(s *Spec) { s.Machine.Seq.IMemBytes = 1024 }},
		{small, `^compile: scratch memory: the program of n needs 4096 bytes, there are 4000: 96 missing$`, func(s *Spec) { s.Machine.Seq.ScratchBytes = 4000 }},
		{"conv: {out: 520, kernel: 1}, relu, flatten, fc: {out: 5}", `^compile: bias buffers: layer conv1: 520 channels, 512 fit: 8 missing$`, func(*Spec) {}},
		{"conv: {out: 256, kernel: 1, stride: 4}, relu, conv: {out: 4, kernel: 5, pad: 4}, relu, flatten, fc: {out: 5}",
			`^compile: scratch memory: layer conv2: forward pass has 100 blocks of weights, 78 fit: 22 missing$`, func(*Spec) {}},
	} {
		s := sample(t, parse(t, false, c.layers), BP, "", 8, 20)
		s.Machine = machine.Reference()
		c.change(&s)
		_, _, err := Build(s)
		require.Error(t, err, c.want)
		require.Regexp(t, c.want, err.Error())
	}
}

// A unit that only the program makes part of the machine must meet the clock, too.
func TestBuildChecksTheUnitsThatItAdds(t *testing.T) {
	for _, c := range []struct {
		layers, set, want string
		arm               Arm
	}{
		{"flatten, fc: {out: 9}, relu, fc: {out: 5}", "clock_mhz=400", `^compile: machine for n: clock_mhz: got 400, want 384 at most with an EPC: `, ArmEPC},
		{"conv: {out: 8, kernel: 3}, relu, maxpool: {kernel: 2}, flatten, fc: {out: 5}", "norm.cuts=1", `^compile: machine for n: norm.cuts: got 1, want 3..15: `, ""},
	} {
		s := sample(t, parse(t, false, c.layers), BP, "", 8, 20)
		s.Arm = cmp.Or(c.arm, s.Arm)
		s.Machine = machine.Reference()
		require.NoError(t, s.Machine.Set("set", c.set))
		_, _, err := Build(s)
		require.Error(t, err, c.want)
		require.Regexp(t, c.want, err.Error())
	}
}

// A known density plans less room.
func TestDensityPlansTighter(t *testing.T) {
	n, err := net.MLP(net.ReLU, 784, 300, 10)
	require.NoError(t, err)
	s := sample(t, n, BP, "", 32, 40)
	_, raw, err := Build(s)
	require.NoError(t, err)
	s.Density = 0.2
	_, tight, err := Build(s)
	require.NoError(t, err)
	require.Less(t, tight.OMEMWords, raw.OMEMWords*2/3)
	s = sample(t, parse(t, false, small), BP, "", 8, 20)
	s.Machine = machine.Reference()
	s.Machine.OMEM.Words = 2048
	strips := func(density float64) int {
		s.Density = density
		_, p, err := Build(s)
		require.NoError(t, err)
		for _, pass := range p.Passes {
			q := pass.Cut
			if q == nil {
				continue
			}
			if q.Index == 2 && q.Kind == passForward {
				return len(q.Strips[0])
			}
		}
		panic("no such pass")
	}
	require.Less(t, strips(0.3), strips(0))
}

// The largest preset has 13 convolutions; its program fits into the chip's instruction memory.
func TestVGG16Fits(t *testing.T) {
	n, err := net.Preset("vgg16-cifar")
	require.NoError(t, err)
	s := sample(t, n, BP, "", 32, 32)
	s.Machine = machine.Reference()
	s.Machine.XMem.Bytes = 256 << 20
	for rule, change := range rules(&s) {
		if rule == BFA || rule == BDFA {
			continue // the arm is another
		}
		s.Rule, s.Arm = BP, ""
		change()
		img, _, err := Build(s)
		require.NoError(t, err, rule)
		require.LessOrEqual(t, len(img.Code)*isa.WordBytes, 16<<10, rule)
	}
}
