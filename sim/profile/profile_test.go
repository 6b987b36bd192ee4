package profile

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// TestCodingBreaksEven: three pairs a word against four elements a word. A block is shortened while it has 45 non-zeros or
// fewer, 70 %; it never grows.
func TestCodingBreaksEven(t *testing.T) {
	for _, d := range []float64{0.1, 0.3, 0.5, 0.65, 0.7, 0.75, 0.8, 0.9, 1} {
		m, err := MeasureCoding(d, 5000, 3)
		require.NoError(t, err)
		e := ExpectCoding(d)
		require.InDelta(t, e.Words, m.Words, 0.06+0.4*math.Exp(-20*d), "words of a block with density %g", d)
		require.InDelta(t, e.Raw, m.Raw, 0.05, "raw blocks with density %g", d)
		require.LessOrEqual(t, m.Words, 16.0)
		saving := m.Saving()
		require.Equal(t, d < 0.8, saving > 0.01, "density %g saves %.1f %%", d, 100*saving)
	}
}

func tagOf(phase isa.Phase, layer int, events map[activity.Event]uint64) Tag {
	t := Tag{Marks: 1, Elapsed: 1000, Exclusive: 900}
	for e, n := range events {
		t.Row[e] = n
	}
	t.LayerMetrics = sim.NewLayerMetrics(activity.MakeTag(uint8(phase), uint8(layer)), sim.TagResult{Dense: 512_000}, &t.Row)
	return t
}

// TestTag: words by cause, coded words without the raw ones, rates.
func TestTag(t *testing.T) {
	g := tagOf(isa.PhaseEP, 3, map[activity.Event]uint64{
		activity.XReadWLD: 1, activity.XReadDMA: 2, activity.XWriteDrain: 3, activity.XWriteDMA: 4, activity.XWriteDEPC: 5, activity.XReadMom: 6, activity.XWriteMom: 7,
		activity.XReadNorm: 8, activity.XWriteNorm: 9, activity.XReadEPC: 10, activity.OMEMWrite: 100, activity.MAC: 128_000, activity.ClockDNNCWork: 700,
	})
	w := g.ByCause()
	require.Equal(t, Words{Weights: 8, MapsRead: 16, MapsWritten: 96, Update: 104, Norm: 136, Errors: 80}, w)
	require.Equal(t, uint64(8*55), w.Total())
	require.Equal(t, g.Words, w.Total())
	require.Equal(t, 0.75, g.ZeroSkip())
	require.Zero(t, g.CodedWords(), "no encoder worked")
	g.Row[activity.RLCEncode], g.NonZero, g.rawGroups = 1024, 256, 10
	require.Equal(t, uint64(60), g.CodedWords())
	require.Equal(t, uint64(256), g.RawWords())
	require.Equal(t, 0.25, g.Density())
}

// TestRoofline: 128,000 MACs in 1,000 cycles of 5 ns, with 55 bursts.
func TestRoofline(t *testing.T) {
	p := Profile{Cycles: 1000, Tags: []Tag{
		tagOf(isa.PhaseFF, 1, map[activity.Event]uint64{activity.XReadWLD: 55, activity.MAC: 128_000}),
		tagOf(isa.PhaseLoss, 2, nil),
		tagOf(isa.PhaseWG, 1, map[activity.Event]uint64{activity.XReadMom: 800, activity.MAC: 64_000}),
	}}
	roofs := RoofsOf(200)
	require.Equal(t, Roofs{MACs: 51.2e9, Bytes: 6.4e9}, roofs)
	points := p.Points(200)
	require.Len(t, points, 2)
	require.InEpsilon(t, 128_000.0/(55*32), points[0].Intensity, 1e-12)
	require.InEpsilon(t, 25.6e9, points[0].Rate, 1e-12)
	require.Equal(t, 51.2e9, points[0].Roof)
	require.InEpsilon(t, 2.5*6.4e9, points[1].Roof, 1e-12)
	for name, draw := range map[string]func(string) error{
		"roofline.svg": func(f string) error { return DrawRoofline(f, "title", points, roofs) },
		"coding.svg":   func(f string) error { return DrawCoding(f, []Coding{ExpectCoding(0.5)}) },
	} {
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, draw(file))
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(data), "<svg")
	}
	require.Error(t, DrawRoofline(filepath.Join(t.TempDir(), "no.ending"), "", points, roofs))
}

// TestTables: rows only for what there is.
func TestTables(t *testing.T) {
	p := Profile{Cycles: 1000, Tags: []Tag{tagOf(isa.PhaseFF, 1, map[activity.Event]uint64{activity.XReadWLD: 55, activity.MAC: 128_000}), {}}}
	for _, table := range []struct {
		name string
		rows int
	}{{"cycles", len(p.CycleTable().Rows)}, {"words", len(p.WordTable().Rows)}, {"coding", len(p.CodingTable().Rows)}} {
		require.Equal(t, 1, table.rows, table.name)
	}
	var out strings.Builder
	require.NoError(t, p.CycleTable().Text(&out))
	require.Contains(t, out.String(), "ff 1")
	require.Equal(t, &p.Tags[0], p.Find(isa.PhaseFF, 1))
	require.Nil(t, p.Find(isa.PhaseWG, 1))
}
