package firmware

import (
	"bytes"
	"math"
	"testing"

	"bdfasim/isa/image"

	"github.com/stretchr/testify/require"
)

func TestBuildRoundTrip(t *testing.T) {
	for _, rule := range []string{BP, BDFA} {
		s := testSpec(rule, 40, 100, 70, 65, 10)
		s.FBShift = []int{0, 3, -2}
		if rule == BDFA {
			s.Feedback, s.Signs = SRAM, testSigns(s.Sizes)
		}
		s.W[1][5], s.W[1][6], s.B[2][0] = 1e9, -8.1, -1e12 // beyond 16 bits with 12 fraction bits, and 32 with 20
		img, p, err := Build(s)
		require.NoError(t, err)
		var file bytes.Buffer
		require.NoError(t, img.Write(&file))
		back, err := image.Read(file.Bytes())
		require.NoError(t, err)
		q, err := PlanFromImage(back)
		require.NoError(t, err)
		require.Equal(t, p, q)
		require.Equal(t, rule, q.Rule())
		require.Equal(t, s.Sizes, q.Sizes())
		want := DefaultFormats(3)
		want.Fw[0], want.Fe[0], want.Fv[0] = 0, 0, 0
		require.Equal(t, want, q.Formats())
		require.Equal(t, uint32(2), q.Layers[1].SatW)
		require.Equal(t, uint32(1), q.Layers[2].SatB)
		if rule == BDFA {
			require.Equal(t, SRAM, q.Feedback())
			require.Equal(t, []int{3, -2}, []int{q.FBShift(1), q.FBShift(2)})
		}
		mem := Memory(back)
		for i := 1; i <= 3; i++ {
			w, b := q.Weights(mem, i), q.Biases(mem, i)
			for k, x := range s.W[i] {
				v, _ := Quantize(x, 12, 16)
				require.EqualValues(t, v, w[k])
			}
			for k, x := range s.B[i] {
				v, _ := Quantize(x, 20, 32)
				require.EqualValues(t, v, b[k])
			}
			require.Equal(t, make([]int32, len(w)), q.Velocities(mem, i))
			require.Equal(t, make([]int32, len(b)), q.BiasVelocities(mem, i))
		}
		require.Empty(t, q.Results(mem))
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		img, _, err := Build(testSpec(BDFA, 10, 20, 8, 3))
		require.NoError(t, err)
		require.NoError(t, img.Write(&files[i]))
	}
	require.Equal(t, files[0].Bytes(), files[1].Bytes())
}

func TestBuildRefuses(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(s *Spec)
	}{
		{"sizes: got 1, want input", func(s *Spec) { s.Sizes = []int{4} }},
		{"size of layer 1: got 0", func(s *Spec) { s.Sizes[1] = 0 }},
		{"format Fw: got 1 entries, want 4", func(s *Spec) { s.Formats = DefaultFormats(3); s.Formats.Fw = []int{1} }},
		{"format Fo of layer 0: got 7", func(s *Spec) { s.Formats = DefaultFormats(3); s.Formats.Fo[0] = 7 }},
		{"format Fe of layer 3: got 13", func(s *Spec) { s.Formats = DefaultFormats(3); s.Formats.Fe[3] = 13 }},
		{"layer 2: shift of eta * v into a weight: got -4, want 0..47", func(s *Spec) {
			s.Formats = DefaultFormats(3)
			s.Formats.Fv[2], s.Formats.Fw[2] = -4, 16
		}},
		{"layer 2: shift of z: got 53", func(s *Spec) { s.Formats = DefaultFormats(3); s.Formats.Fw[2] = 53 }},
		{"weights of layer 2: got 3 values", func(s *Spec) { s.W[2] = s.W[2][:3] }},
		{"biases of layer 1: value 2 is NaN", func(s *Spec) { s.B[1][2] = math.NaN() }},
		{"weights and biases: got 2 and 4 layers", func(s *Spec) { s.W = s.W[:2] }},
		{"epochs: got 0", func(s *Spec) { s.Epochs = 0 }},
		{"batch: got 33", func(s *Spec) { s.Batch = 33 }},
		{"shift of eta: got 17", func(s *Spec) { s.LRShift = 17 }},
		{"mu: got 1,", func(s *Spec) { s.Mu = 1 }},
		{"lambda: got -1,", func(s *Spec) { s.Lambda = -1 }},
		{"lambda: got 1e-06, want 0 or", func(s *Spec) { s.Lambda = 1e-6 }},
		{"batch of 2 samples: eta 0.0625 times 32/2: eta: got 1,", func(s *Spec) { s.Eta = 0.0625 }},
		{`rule: got "dfa"`, func(s *Spec) { s.Rule = "dfa" }},
		{`feedback: got ""`, func(s *Spec) { s.Feedback = "" }},
		{"feedback shifts: got 1, want 3", func(s *Spec) { s.FBShift = []int{1} }},
		{"layer 2: shift of e_1: got 65", func(s *Spec) { s.FBShift = []int{0, 64, 0} }},
		{"feedback signs: got 0 layers", func(s *Spec) { s.Feedback = SRAM }},
		{"feedback signs of layer 2: sign 4 is 0", func(s *Spec) { s.Feedback, s.Signs = SRAM, testSigns(s.Sizes); s.Signs[2][4] = 0 }},
		{"feedback signs of layer 1: got 3, want", func(s *Spec) { s.Feedback, s.Signs = SRAM, testSigns(s.Sizes); s.Signs[1] = s.Signs[1][:3] }},
		{"training set: got no samples", func(s *Spec) { s.Train = Set{} }},
		{"test set: got no samples", func(s *Spec) { s.Test = Set{} }},
		{"training set: got 3 bytes of images, want 680", func(s *Spec) { s.Train.Images = s.Train.Images[:3] }},
		{"training set: label of sample 3 is 10, want less than 10", func(s *Spec) { s.Train.Labels[3] = 10 }},
		{"test set: got 65536 samples, want at most 65535", func(s *Spec) { s.Test = Set{make([]byte, 20*65536), make([]uint16, 65536)} }},
		{"orders: got 1, want one for each of 2", func(s *Spec) { s.Orders = [][]int{{1}} }},
		{"order of epoch 1: got no samples", func(s *Spec) { s.Orders = [][]int{{}, {}} }},
		{"order of epoch 2: got 2 samples, want 1", func(s *Spec) { s.Orders = [][]int{{1}, {1, 2}} }},
		{"order of epoch 2: entry 0 is sample 34, want 0..33", func(s *Spec) { s.Orders = [][]int{{1}, {34}} }},
	} {
		s := testSpec(BDFA, 34, 20, 33, 12, 10)
		c.change(&s)
		_, _, err := Build(s)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "firmware: ")
	}
}

func TestBuildNamesTheFullMemory(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(s *Spec)
	}{
		{"omem: layer 1: map o_1 needs 512 words, 488 of 1000 are left: 24 missing", func(s *Spec) { s.Capacities.OMEMWords = 1000 }},
		{"omem: layer 3: error e_3 needs 512 words, 511 of 3583 are left: 1 missing", func(s *Spec) { s.Capacities.OMEMWords = 3583 }},
		{"pointer table: layer 2: map o_2 needs 32 pointers, 31 of 95 are left: 1 missing", func(s *Spec) { s.Capacities.Pointers = 95 }},
		{"mask memory: layer 2: mask of layer 2 needs 32 words, 4 of 100 are left: 28 missing", func(s *Spec) { s.Capacities.MaskWords = 100 }},
		{"sign memory: layer 2: feedback needs 1 entries, 0 of 3 are left: 1 missing", func(s *Spec) { s.Capacities.SignEntries = 3 }},
		{"error buffer of the DEPC: layer 3: 10 classes, 8 fit: 2 missing", func(s *Spec) { s.Capacities.DEPCClasses = 8 }},
		{"loss unit: layer 3: 10 classes, 9 fit: 1 missing", func(s *Spec) { s.Capacities.LossClasses = 9 }},
		{"external memory, lower half: the weights and the data need", func(s *Spec) { s.Capacities.XMemBytes = 1 << 15 }},
		{"instruction memory: program bdfa needs", func(s *Spec) { s.Capacities.CodeBytes = 1 << 10 }},
		{"scratch memory: program bdfa needs 736 bytes, there are 32: 704 missing", func(s *Spec) { s.Capacities.ScratchBytes = 32 }},
	} {
		s := testSpec(BDFA, 34, 20, 33, 12, 10)
		s.Feedback, s.Signs = SRAM, testSigns(s.Sizes)
		s.Capacities = DefaultCapacities()
		c.change(&s)
		_, _, err := Build(s)
		require.ErrorContains(t, err, c.want)
	}
}

func TestPlanFromImageRefuses(t *testing.T) {
	word := func(n int) func(h []byte) { return func(h []byte) { h[4*n+3] = 0x7f } }
	for _, c := range []struct {
		want   string
		seg    int
		change func([]byte)
	}{
		{"header: magic", 0, word(0)},
		{"header: layers: got", 0, word(1)},
		{"layer table: address", 0, word(2)},
		{"rule and feedback", 0, word(3)},
		{"batch: got", 0, word(6)},
		{"results: got end", 0, word(15)},
		{"external memory: got", 0, word(32)},
		{"layer 1: inputs: got", 1, word(0)},
		{"layer 1: size: got", 1, word(1)},
		{"layer 1: weights: got end", 1, word(4)},
		{"layer 1: velocities: got end", 1, word(6)},
		{"layer 1: biases: got end", 1, word(8)},
		{"layer 1: bias velocities: got end", 1, word(9)},
		{"layer 2: inputs: got", 1, word(64)},
	} {
		img, _, err := Build(testSpec(BP, 3, 20, 10, 4))
		require.NoError(t, err)
		c.change(img.Segments[c.seg].Data)
		_, err = PlanFromImage(img)
		require.ErrorContains(t, err, c.want)
	}
	_, err := PlanFromImage(&image.Image{})
	require.ErrorContains(t, err, "no initial data")
}

// FuzzPlanFromImage changes header and layer table: no panic, and what is accepted can be read.
func FuzzPlanFromImage(f *testing.F) {
	img, p, err := Build(testSpec(BDFA, 3, 20, 10, 4))
	require.NoError(f, err)
	f.Add(img.Segments[0].Data, img.Segments[1].Data)
	f.Fuzz(func(t *testing.T, header, layers []byte) {
		fuzzed := image.Image{XMemBytes: img.XMemBytes, Segments: []image.Segment{
			{Name: "header", Data: header}, {Name: "layers", Addr: p.Header.LayerTable, Data: layers}}}
		q, err := PlanFromImage(&fuzzed)
		if err != nil {
			return
		}
		mem := make([]byte, img.XMemBytes)
		for i := 1; i < len(q.Layers); i++ {
			require.Len(t, q.Weights(mem, i), int(q.Layers[i].NOut*q.Layers[i].NIn))
			q.Velocities(mem, i)
			q.Biases(mem, i)
			q.BiasVelocities(mem, i)
		}
		q.Results(mem)
	})
}
