package powertrace

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/power"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/sim/wave"
)

// TestCSV reads a table back: every record in full, and power to nine digits.
func TestCSV(t *testing.T) {
	e, prices := load(t, training(t))
	var all []Record
	var b bytes.Buffer
	out := NewCSV(&b)
	s := sampler(t, e, prices, Config{Window: 100, From: 30}, keep(&all), out.Write)
	_, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, out.Flush())
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "from,to,phase,layer,"+strings.Join(activity.UnitNames[:], "_aJ,")+"_aJ,"+
		"on_die_aJ,external_aJ,total_aJ,on_die_mW,external_mW,total_mW", strings.Join(rows[0], ","))
	require.Len(t, rows, len(all)+1)
	for i, row := range rows[1:] {
		r := &all[i]
		want := []string{fmt.Sprint(r.From), fmt.Sprint(r.To), power.PhaseNames[r.Tag.Phase()], fmt.Sprint(r.Tag.Layer())}
		for _, aj := range append(r.Unit[:], r.OnDie, r.External, r.Total) {
			want = append(want, fmt.Sprint(int64(aj)))
		}
		require.Equal(t, want, row[:len(want)])
		for k, aj := range []power.Attojoules{r.OnDie, r.External, r.Total} {
			mw, err := strconv.ParseFloat(row[len(want)+k], 64)
			require.NoError(t, err)
			require.InEpsilon(t, 1+r.MW(aj), 1+mw, 1e-8)
		}
	}
}

// TestFullDisk: the writers say that they could not write.
func TestFullDisk(t *testing.T) {
	out := NewCSV(full{})
	require.NoError(t, out.Write(record(0, 1, 0, 1, nil)), "it does not end the run")
	require.ErrorIs(t, out.Flush(), errFull)
	p := NewPlot()
	require.NoError(t, p.Add(record(0, 1, 0, 1, nil)))
	require.ErrorIs(t, p.Render(full{}, "png"), errFull)
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// round is a price list without prices.
var round = &power.PriceList{FreqMHz: 1000}

// record is a window with invented energies at 1000 MHz: an attojoule a cycle is a millionth of a milliwatt.
func record(from, to uint64, phase uint8, dnnc power.Attojoules, xmem *power.Attojoules) *Record {
	r := &Record{From: from, To: to, Tag: activity.MakeTag(phase, 0), prices: round}
	r.Unit[activity.DNNC] = dnnc
	if xmem != nil {
		r.Unit[activity.XMem] = *xmem
	}
	if err := r.sum(); err != nil {
		panic(err)
	}
	return r
}

// TestPlotAverages: any number of windows becomes at most MaxPoints points of equal length, without a gap, that hold all
// energy and all cycles of each phase.
func TestPlotAverages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Uint64Range(1, 100), rapid.Uint64Range(MaxPoints-2, 3*MaxPoints)).Draw(t, "windows")
		window := rapid.Uint64Range(1, 50).Draw(t, "window")
		p := NewPlot()
		var energy float64
		var phases [power.NumPhases]uint64
		for k := range n {
			aj := power.Attojoules(k * k % 1009 * 1e6)
			if err := p.Add(record(k*window, (k+1)*window, uint8(k/7%8), aj, nil)); err != nil {
				t.Fatal(err)
			}
			energy += float64(aj)
			phases[k/7%8] += window
		}
		require.LessOrEqual(t, len(p.points), MaxPoints)
		require.Greater(t, 2*len(p.points)+1, min(int(n), MaxPoints))
		var sum float64
		at := uint64(0)
		for i := range p.points {
			q := &p.points[i]
			if last := i == len(p.points)-1; q.from != at || !last && q.to-q.from != uint64(p.windows)*window {
				t.Fatalf("point %d: got cycles %d to %d, want %d windows of %d from %d", i, q.from, q.to, p.windows, window, at)
			}
			at = q.to
			sum += q.mw(activity.DNNC) * float64(q.to-q.from)
			for k := range phases {
				phases[k] -= q.phase[k]
			}
		}
		require.Equal(t, n*window, at)
		require.InEpsilon(t, 1+energy*1e-6, 1+sum, 1e-9)
		require.Zero(t, phases)
	})
}

// TestPlotDraws: what has power has its colour, from floor to height, and what has none is left out.
func TestPlotDraws(t *testing.T) {
	p := NewPlot()
	xmem := power.Attojoules(5e8)
	for k := range uint64(10) {
		require.NoError(t, p.Add(record(k, k+1, uint8(1+k/5), 1e9, &xmem)))
	}
	seen := map[color.RGBA]int{}
	var b bytes.Buffer
	require.NoError(t, p.Render(&b, "png"))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, a := img.At(x, y).RGBA()
			seen[color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}]++
		}
	}
	page := img.Bounds().Dx() * img.Bounds().Dy()
	require.Greater(t, seen[unitColors[activity.DNNC]], page/5)
	require.Greater(t, seen[unitColors[activity.XMem]], page/5)
	require.Zero(t, seen[unitColors[activity.OMEM]])
	require.InEpsilon(t, seen[phaseColors[1]], seen[phaseColors[2]], 0.05)
	require.NotZero(t, seen[phaseColors[1]])
	require.Zero(t, seen[phaseColors[3]])
	for _, format := range Formats {
		require.NoError(t, p.Render(io.Discard, format))
	}
	require.ErrorContains(t, p.Render(io.Discard, "bmp"), "powertrace: plot: ")
	require.EqualError(t, NewPlot().Render(io.Discard, "png"), "powertrace: plot: got no window, want at least one")
}

// TestNoPower: a chip without any draws an empty picture.
func TestNoPower(t *testing.T) {
	p := NewPlot()
	require.NoError(t, p.Add(record(0, 1, 0, 0, nil)))
	require.NoError(t, p.Render(io.Discard, "png"))
}

// TestSignals records wires and power in one dump: the power of each window stands at its end, that of the last at the
// last cycle.
func TestSignals(t *testing.T) {
	e, prices := load(t, layer(t))
	var signals Signals
	var all []Record
	s := sampler(t, e, prices, Config{Window: 7}, keep(&all), signals.Set)
	var b bytes.Buffer
	dump, err := wave.NewVCD(&b, "chip", e.Chip().Wires(), 5000, signals.Group())
	require.NoError(t, err)
	res, err := e.Run(context.Background(), 0, sim.Options{OnCycle: func(cycle uint64) error {
		if err := s.OnCycle(cycle); err != nil {
			return err
		}
		return dump.Sample(cycle)
	}})
	require.NoError(t, err)
	require.NotZero(t, res.Cycles%7)
	require.NoError(t, s.Close())
	require.NoError(t, dump.Amend())
	require.NoError(t, dump.Close())
	got := reals(t, b.String())
	at := map[uint64]*Record{}
	for i := range all {
		at[all[i].To] = &all[i]
	}
	var last *Record
	for c := uint64(1); c <= res.Cycles; c++ {
		if r := at[c]; r != nil {
			last = r
		}
		want := map[string]float64{"on_die": 0, "external": 0}
		for u := range activity.NumUnits {
			want[u.String()] = 0
		}
		if last != nil {
			want["on_die"], want["external"] = last.MW(last.OnDie), last.MW(last.External)
			for u := range activity.NumUnits {
				want[u.String()] = last.MW(last.Unit[u])
			}
		}
		require.InDeltaMapValues(t, want, got(c*5000), 1e-9, "cycle %d", c)
	}
}

// reals reads the reals of a dump. The function that it returns has their values at a time; times must not fall.
func reals(t *testing.T, text string) func(time uint64) map[string]float64 {
	head, body, _ := strings.Cut(text, "$enddefinitions $end\n")
	names, values := map[string]string{}, map[string]float64{}
	_, group, ok := strings.Cut(head, "$scope module power_mW $end\n")
	require.True(t, ok)
	for _, line := range strings.Split(group, "\n") {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "$var" {
			require.Equal(t, []string{"$var", "real", "64"}, f[:3])
			names[f[3]] = f[4]
		}
	}
	require.Len(t, names, int(activity.NumUnits)+2)
	lines := strings.Split(body, "\n")
	return func(time uint64) map[string]float64 {
		for ; len(lines) > 0 && lines[0] != ""; lines = lines[1:] {
			line := lines[0]
			if line[0] == '#' {
				if at, err := strconv.ParseUint(line[1:], 10, 64); err != nil || at > time {
					require.NoError(t, err)
					break
				}
			}
			if line[0] == 'r' {
				value, id, _ := strings.Cut(line[1:], " ")
				require.Contains(t, names, id)
				mw, err := strconv.ParseFloat(value, 64)
				require.NoError(t, err)
				require.False(t, math.IsNaN(mw))
				values[names[id]] = mw
			}
		}
		return values
	}
}

// Every unit has a colour of its own.
func TestColors(t *testing.T) {
	used := map[color.RGBA]activity.Unit{{}: activity.NumUnits}
	for u, c := range unitColors {
		require.NotContains(t, used, c, "%v", activity.Unit(u))
		used[c] = activity.Unit(u)
	}
}
