package wave

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The grammar of IEEE 1364-2001 section 18.2 as far as a dump of wires and reals uses it, a production a line. White space
// stands between the parts of a declaration, between a vector's or a real's value and its identifier code, and nowhere in a
// scalar's change.
var (
	declaration = regexp.MustCompile(`^(?:\$comment(?: [^$]+)+|\$timescale (?:1|10|100)(?:s|ms|us|ns|ps|fs)|\$scope module [A-Za-z_][A-Za-z0-9_]*|\$upscope|\$enddefinitions|` +
		`\$var wire [1-9][0-9]* [!-~]+ [A-Za-z_][A-Za-z0-9_]*|\$var real 64 [!-~]+ [A-Za-z_][A-Za-z0-9_]*) \$end$`)
	simulationTime = regexp.MustCompile(`^#(?:0|[1-9][0-9]*)$`)
	scalarChange   = regexp.MustCompile(`^[01]([!-~]+)$`)
	vectorChange   = regexp.MustCompile(`^b([01]+) ([!-~]+)$`)
	realChange     = regexp.MustCompile(`^r(-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]{2,3})?) ([!-~]+)$`)
)

// change is a value change of a dump: at a time, of a path.
type change struct {
	time uint64
	path string
	real bool
	text string
}

// variable is what $var says.
type variable struct {
	path, kind string
	width      int
}

// grammar reads a dump line by line and refuses what the grammar does not have, undeclared or twice declared identifier
// codes, changes whose form is not that of their variable, and times that do not rise.
func grammar(t require.TestingT, text string) (vars map[string]variable, changes []change) {
	vars = map[string]variable{}
	head, body, ok := strings.Cut(text, "$enddefinitions $end\n")
	require.True(t, ok)
	var scopes []string
	for _, line := range strings.Split(strings.TrimSuffix(head, "\n"), "\n") {
		require.Regexp(t, declaration, line)
		switch f := strings.Fields(line); f[0] {
		case "$scope":
			scopes = append(scopes, f[2])
		case "$upscope":
			require.NotEmpty(t, scopes)
			scopes = scopes[:len(scopes)-1]
		case "$var":
			require.NotEmpty(t, scopes)
			require.NotContains(t, vars, f[3])
			width, err := strconv.Atoi(f[2])
			require.NoError(t, err)
			vars[f[3]] = variable{strings.Join(append(scopes, f[4]), "."), f[1], width}
		}
	}
	require.Empty(t, scopes)
	now, begun := uint64(0), false
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if simulationTime.MatchString(line) {
			next, err := strconv.ParseUint(line[1:], 10, 64)
			require.NoError(t, err)
			require.True(t, !begun || next > now, "time %d after %d", next, now)
			now, begun = next, true
			continue
		}
		require.True(t, begun, "a change before any time")
		id, value, kind := split(line)
		require.Contains(t, vars, id, line)
		v := vars[id]
		require.Equal(t, map[bool]string{true: "real", false: "wire"}[kind == "real"], v.kind, line)
		if kind != "real" {
			require.Equal(t, v.width == 1, kind == "scalar", line)
			require.LessOrEqual(t, len(value), v.width, line)
		}
		changes = append(changes, change{now, v.path, kind == "real", value})
	}
	return vars, changes
}

// split takes a value change apart.
func split(line string) (id, value, kind string) {
	if m := vectorChange.FindStringSubmatch(line); m != nil {
		return m[2], m[1], "vector"
	}
	if m := realChange.FindStringSubmatch(line); m != nil {
		return m[2], m[1], "real"
	}
	if m := scalarChange.FindStringSubmatch(line); m != nil {
		return m[1], line[:1], "scalar"
	}
	return "", line, "no value change"
}

// TestReals writes random histories of reals beside wires and reads them back to 16 digits.
func TestReals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r record
		var power [3]float64
		var b bytes.Buffer
		d, err := NewVCD(&b, "top", &r, 5000, Group{"mW", []Var{{Name: "a", Value: &power[0]}, {Name: "b", Value: &power[1]}}}, Group{"V", []Var{{Name: "a", Value: &power[2]}}})
		require.NoError(t, err)
		paths := [3]string{"mW.a", "mW.b", "V.a"}
		var want []change
		var last [3]float64
		for c := range rapid.Uint64Range(1, 20).Draw(t, "cycles") {
			r.On = rapid.Bool().Draw(t, "on")
			for k := range power {
				if rapid.Bool().Draw(t, "change") {
					power[k] = rapid.OneOf(rapid.Float64Range(-1e4, 1e4), rapid.SampledFrom([]float64{0, 12.5, 1e21, 1e-7, math.Copysign(0, -1), math.MaxFloat64, 5e-324})).Draw(t, "mW")
				}
				if c == 0 || math.Float64bits(power[k]) != math.Float64bits(last[k]) {
					want = append(want, change{5000 * c, paths[k], true, strconv.FormatFloat(power[k], 'g', 16, 64)})
				}
			}
			last = power
			require.NoError(t, d.Sample(c))
		}
		require.NoError(t, d.Close())
		vars, got := grammar(t, b.String())
		var reals []change
		for _, c := range got {
			if c.real {
				reals = append(reals, c)
			}
		}
		require.Equal(t, want, reals)
		for _, v := range vars {
			if v.kind == "real" {
				require.Equal(t, 64, v.width)
			}
		}
	})
}

func ExampleNewVCD() {
	var wires struct{ Busy bool }
	var mw float64
	var b bytes.Buffer
	d, err := NewVCD(&b, "chip", &wires, 5000, Group{"power_mW", []Var{{Name: "on_die", Value: &mw}}})
	if err != nil {
		panic(err)
	}
	for cycle, power := range []float64{1.25, 12.5, 12.5} {
		wires.Busy, mw = power > 2, power
		if err := d.Sample(uint64(cycle)); err != nil {
			panic(err)
		}
	}
	if err := d.Close(); err != nil {
		panic(err)
	}
	fmt.Print(b.String())
	// Output:
	// $comment one cycle is 5000 time units $end
	// $timescale 1ps $end
	// $scope module chip $end
	// $var wire 1 clock clk $end
	// $var wire 1 ! Busy $end
	// $upscope $end
	// $scope module power_mW $end
	// $var real 64 " on_die $end
	// $upscope $end
	// $enddefinitions $end
	// #0
	// 1clock
	// 0!
	// r1.25 "
	// #2500
	// 0clock
	// #5000
	// 1clock
	// 1!
	// r12.5 "
	// #7500
	// 0clock
	// #10000
	// 1clock
	// #12500
	// 0clock
	// #15000
}

// TestAmend writes what is known only after a sample at that sample's time, whether or not it had changes of its own.
func TestAmend(t *testing.T) {
	var r record
	var mw float64
	var b bytes.Buffer
	d, err := NewVCD(&b, "top", &r, 10, Group{"mW", []Var{{Name: "a", Value: &mw}}})
	require.NoError(t, err)
	require.NoError(t, d.Amend(), "before any sample: nothing")
	require.NoError(t, d.Sample(0))
	mw = 1
	require.NoError(t, d.Amend())
	require.NoError(t, d.Sample(1))
	mw = 2
	require.NoError(t, d.Amend())
	require.NoError(t, d.Amend())
	require.NoError(t, d.Close())
	_, changes := grammar(t, b.String())
	var got []string
	for _, c := range changes {
		if c.real {
			got = append(got, fmt.Sprint(c.time, " ", c.text))
		}
	}
	require.Equal(t, []string{"0 0", "0 1", "10 2"}, got)
	require.True(t, strings.HasSuffix(b.String(), "#20\n"))
}

func TestRealsRefused(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var r record
		mw := 1.0
		d, err := NewVCD(&bytes.Buffer{}, "top", &r, 1, Group{"mW", []Var{{Name: "a", Value: &mw}}})
		require.NoError(t, err)
		require.NoError(t, d.Sample(6))
		mw = bad
		require.EqualError(t, d.Sample(7), fmt.Sprintf("wave: vcd: sample: real a: got %v in cycle 7, want a finite number", bad))
	}
}

// TestSampleAllocatesNothing: wires and reals that change in every cycle.
func TestSampleAllocatesNothing(t *testing.T) {
	var r record
	var mw float64
	d, err := NewVCD(discard{}, "top", &r, 1, Group{"mW", []Var{{Name: "a", Value: &mw}}})
	require.NoError(t, err)
	cycle := uint64(0)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		cycle++
		r.On, r.Small, r.Wide, mw = !r.On, r.Small+1, r.Wide-1, mw+0.1
		if err := d.Sample(cycle); err != nil {
			t.Fatal(err)
		}
	}))
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
