package firmware

import (
	"fmt"
	"sort"
	"testing"

	"bdfasim/isa/image"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// region is a piece of a memory that something occupies.
type region struct {
	name     string
	from, to int
}

func requireDisjoint(t require.TestingT, regions []region, size int) {
	sort.Slice(regions, func(i, j int) bool { return regions[i].from < regions[j].from })
	end := 0
	for _, r := range regions {
		require.GreaterOrEqual(t, r.from, end, "%s overlaps: %v", r.name, regions)
		end = r.to
	}
	require.LessOrEqual(t, end, size)
}

func TestPlanIsDisjointAndAligned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 300), 2, 5).Draw(t, "sizes")
		s := testSpec(rapid.SampledFrom([]string{BP, BDFA}).Draw(t, "rule"), rapid.IntRange(1, 40).Draw(t, "n"), sizes...)
		s.Feedback, s.Signs = SRAM, testSigns(sizes)
		s.Capacities = DefaultCapacities()
		s.Capacities.DEPCClasses, s.Capacities.SignEntries = 300, 4096
		s.Eta = 0.0001
		s = s.withDefaults()
		require.NoError(t, s.check())
		p, err := newPlan(&s)
		require.NoError(t, err)
		requirePlan(t, p, s.Capacities)
	})
}

func requirePlan(t require.TestingT, p *Plan, c Capacities) {
	h, batch := &p.Header, int(p.Header.Batch)
	var xmem, omem, pointers, masks []region
	put := func(to *[]region, name string, at uint32, n int) {
		if n > 0 {
			*to = append(*to, region{name, int(at), int(at) + n})
		}
	}
	put(&xmem, "header", 0, HeaderBytes)
	put(&xmem, "layers", h.LayerTable, int(h.Layers)*LayerBytes)
	put(&xmem, "results", h.Results, int(h.Epochs)*RecordBytes)
	put(&xmem, "order", h.TrainOrder, int(h.Epochs*h.OrderStride))
	put(&xmem, "test order", h.TestOrder, int(h.TestN)*4)
	put(&xmem, "signs", h.Signs, int(h.SignEntries)*32)
	put(&xmem, "images", h.TrainImages, int(h.TrainN*h.ImageStride))
	put(&xmem, "test images", h.TestImages, int(h.TestN*h.ImageStride))
	put(&omem, "o0", h.InAlloc, int(h.InLimit-h.InAlloc))
	put(&pointers, "o0", h.InPtr, batch*int(h.InBlocks))
	counter := uint32(0)
	for i := 1; i < len(p.Layers); i++ {
		d := &p.Layers[i]
		kb, jb := ceilDiv(int(d.NIn), 64), ceilDiv(int(d.NOut), 64)
		put(&xmem, fmt.Sprint("W", i), d.Weights, kb*jb*8192)
		put(&xmem, fmt.Sprint("V", i), d.Velocities, kb*jb*12288)
		put(&xmem, fmt.Sprint("b", i), d.Biases, jb*256)
		put(&xmem, fmt.Sprint("vb", i), d.BiasVelocities, jb*192)
		put(&omem, fmt.Sprint("o", i), d.OutAlloc, batch*jb*16)
		put(&omem, fmt.Sprint("e", i), d.Err, batch*jb*16)
		require.EqualValues(t, d.OutAlloc+uint32(batch*jb*16), d.OutLimit)
		require.EqualValues(t, jb*16, d.ErrStep)
		if d.Hidden == 1 {
			put(&pointers, fmt.Sprint("o", i), d.Out, batch*jb)
			put(&masks, fmt.Sprint("mask", i), d.Mask, batch*ceilDiv(int(d.NOut), 16))
			require.Equal(t, d.Out, p.Layers[i+1].InPtr)
			require.Equal(t, d.OutStep, p.Layers[i+1].InBlocks)
			require.Equal(t, d.Err, p.Layers[i+1].LowErr)
			require.Equal(t, d.Mask, p.Layers[i+1].LowMask)
		}
		require.Equal(t, counter, d.Counter)
		counter += uint32(16 * 2 * kb * jb)
	}
	require.Equal(t, counter, h.CounterStep)
	for _, r := range xmem {
		require.Zero(t, r.from%32, r.name)
	}
	for _, r := range omem {
		require.Zero(t, r.from%4, r.name)
	}
	requireDisjoint(t, xmem, int(h.XMemBytes))
	require.LessOrEqual(t, int(h.TestOrder)+int(h.TestN)*4+160, int(h.XMemBytes), "a batch's order entries are read 160 bytes at a time")
	requireDisjoint(t, omem, c.OMEMWords)
	requireDisjoint(t, pointers, c.Pointers)
	requireDisjoint(t, masks, c.MaskWords)
}

func TestPlanShiftsAndSplits(t *testing.T) {
	s := testSpec(BP, 3, 784, 300, 100, 10)
	s.Formats = Formats{Fo: []int{8, 7, 6, 9}, Fw: []int{0, 12, 11, 10}, Fe: []int{0, 13, 12, 14}, Fv: []int{0, 20, 19, 18}}
	_, p, err := Build(s)
	require.NoError(t, err)
	d := p.Layers[2]
	require.Equal(t, []int32{7 + 11 - 6, 11 + 12 - 13, 7 + 12 + 5 - 19, 11 + 16 - 19, 19 + 16 - 11, 12 + 5 - 19, 19 + 16 - 18},
		[]int32{d.FFShift, d.LowShift, d.GShift, d.DecayShift, d.TShift, d.GBShift, d.TBShift})
	require.Equal(t, []uint32{0, 1, 2}, []uint32{p.Layers[1].Split, p.Layers[2].Split, p.Layers[3].Split})
	require.Equal(t, []uint32{0, 0, 1}, []uint32{p.Layers[1].LowSplit, p.Layers[2].LowSplit, p.Layers[3].LowSplit})
	s.Rule, s.FBShift = BDFA, []int{0, 3, 0}
	_, p, err = Build(s)
	require.NoError(t, err)
	require.Equal(t, int32(14+3-13), p.Layers[2].LowShift)
	require.Equal(t, LFSR, p.Feedback())
	require.Equal(t, FeedbackSeeds(7, 3), []uint32{0, p.FBSeed(1), p.FBSeed(2)})
}

func TestPlanTensors(t *testing.T) {
	img, p, err := Build(testSpec(BDFA, 3, 70, 20, 4))
	require.NoError(t, err)
	names := []string{}
	for _, tensor := range img.Tensors {
		names = append(names, tensor.Name)
	}
	require.Equal(t, []string{"o0", "W1", "V1", "b1", "vb1", "mask1", "o1", "e1", "W2", "V2", "b2", "vb2", "a2", "e2"}, names)
	v, ok := img.Tensor("V1")
	require.True(t, ok)
	require.Equal(t, &image.Tensor{Name: "V1", Space: "xmem", Layout: "blocks", Addr: p.Layers[1].Velocities, Stride: 12288,
		Shape: []int{20, 70}, Bits: 24, Frac: 20, Layer: 1}, v)
}

func TestFeedbackSeedsAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeds := FeedbackSeeds(rapid.Uint32().Draw(t, "seed"), 32)
		seen := map[uint32]bool{}
		for _, s := range seeds[1:] {
			require.NotZero(t, s)
			require.False(t, seen[s])
			seen[s] = true
		}
	})
	// Mix maps only 0 to 0, so a seed that reaches 0 at the first layer must skip it.
	first := uint32(0x9E3779B9)
	seeds := FeedbackSeeds(-first, 2)
	require.Equal(t, Mix(first), seeds[1])
}
