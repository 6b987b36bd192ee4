package wave

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func ExampleDiagram() {
	d := NewDiagram("valid", "count")
	d.First = 9
	for _, n := range []int{0, 0, 1, 12} {
		d.Sample(n > 0, n)
	}
	fmt.Print(d)
	// Output:
	// cycle  9  10 11 12
	// valid  __ __ ## ##
	// count  0  .  1  12
}

func ExampleDiagram_compact() {
	d := NewDiagram("state", "addr", "write")
	d.Compact, d.First, d.Step = true, 640, 64
	for c := range 13 {
		d.Sample(string("ibbbi"[c/3]), []any{"", 0x40, 0x44, 0x1048, ""}[c/3], c/3 == 2)
	}
	fmt.Print(d)
	// Output:
	// cycle  640       1280
	// state  iiibbbbbbbbbi
	// addr      64.68.41~
	// write  ______###____
}

func TestDiagramWantsAllValues(t *testing.T) {
	require.PanicsWithValue(t, "wave: sample: got 1 values, want 2", func() { NewDiagram("a", "b").Sample(1) })
}

func TestStretch(t *testing.T) {
	for n, want := range map[int]string{1: "~", 2: "1~", 3: "123", 5: "123.."} {
		require.Equal(t, want, stretch("123", n))
		require.Len(t, stretch("x", n), n)
		require.Len(t, stretch("", n), n)
	}
}

func TestRuler(t *testing.T) {
	for first, want := range map[uint64]string{0: "0         10        20", 1: "1        10        20", 9: "9          20", 123456: "123456        123470"} {
		d := &Diagram{First: first, Compact: true, samples: make([][]any, 21)}
		require.Equal(t, want, d.ruler())
	}
}

// A value that comes back after a pause is drawn again; no value draws nothing.
func TestNoValue(t *testing.T) {
	d := NewDiagram("v")
	for _, v := range []any{7, 7, "", "", 7} {
		d.Sample(v)
	}
	require.Equal(t, "cycle  0 1 2 3 4\nv      7 .     7\n", d.String())
	d.Compact = true
	require.Equal(t, "cycle  0\nv      77  7\n", d.String())
}

// record has every kind of field.
type record struct {
	On    bool
	Small int8
	Wide  uint64
	Inner struct {
		A    [2]uint16
		Deep bool
	}
	Long   [MaxElements + 1]byte
	Longer [MaxBits/8 + 1]byte
	Data   []byte
	Text   string
}

// dump is a parsed VCD: the value of each signal, by path, at each time.
type dump map[uint64]map[string]uint64

// parse reads a VCD strictly: every identifier is declared once, values fit their width, times rise.
func parse(t require.TestingT, text string) dump {
	type wire struct {
		path  string
		width int
	}
	var scopes []string
	wires, now := map[string]wire{}, map[string]uint64{}
	head, body, ok := strings.Cut(text, "$enddefinitions $end\n")
	require.True(t, ok)
	for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
		f := strings.Fields(line)
		require.Equal(t, "$end", f[len(f)-1])
		switch f[0] {
		case "$scope":
			scopes = append(scopes, f[2])
		case "$upscope":
			scopes = scopes[:len(scopes)-1]
		case "$var":
			width, err := strconv.Atoi(f[2])
			require.NoError(t, err)
			require.NotContains(t, wires, f[3])
			wires[f[3]] = wire{strings.Join(append(scopes, f[4]), "."), width}
		default:
			require.Contains(t, []string{"$comment", "$timescale"}, f[0])
		}
	}
	require.Empty(t, scopes)
	out, at := dump{}, int64(-1)
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		if line[0] == '#' {
			next, err := strconv.ParseInt(line[1:], 10, 64)
			require.NoError(t, err)
			require.Greater(t, next, at)
			at = next
		} else {
			value, id := line[:1], line[1:]
			if line[0] == 'b' {
				value, id, _ = strings.Cut(line[1:], " ")
			}
			w, ok := wires[id]
			require.True(t, ok, line)
			v, err := strconv.ParseUint(value, 2, 64)
			require.NoError(t, err)
			require.LessOrEqual(t, len(value), w.width)
			now[w.path] = v
		}
		out[uint64(at)] = map[string]uint64{}
		for k, v := range now {
			out[uint64(at)][k] = v
		}
	}
	return out
}

// TestVCD writes random histories and reads them back.
func TestVCD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r record
		var b bytes.Buffer
		d, err := NewVCD(&b, "top", &r, 5000)
		require.NoError(t, err)
		want, first := dump{}, rapid.Uint64Max(1000).Draw(t, "first")
		n := rapid.Uint64Range(1, 20).Draw(t, "cycles")
		for c := first; c < first+n; c++ {
			r.On, r.Small = rapid.Bool().Draw(t, "on"), rapid.Int8().Draw(t, "small")
			r.Wide = rapid.SampledFrom([]uint64{0, 1, 1 << 63, ^uint64(0)}).Draw(t, "wide")
			r.Inner.A[1] = rapid.Uint16().Draw(t, "a")
			r.Inner.Deep = !r.On
			r.Long[1] = rapid.Byte().Draw(t, "long")
			bit := map[bool]uint64{true: 1}
			want[c*5000] = map[string]uint64{
				"top.On": bit[r.On], "top.Small": uint64(uint8(r.Small)), "top.Wide": r.Wide,
				"top.Inner.A.e0": 0, "top.Inner.A.e1": uint64(r.Inner.A[1]), "top.Inner.Deep": bit[r.Inner.Deep],
				"top.Long": uint64(r.Long[1]) << 8, "top.clk": 1,
			}
			require.NoError(t, d.Sample(c))
		}
		require.NoError(t, d.Close())
		got := parse(t, b.String())
		var last map[string]uint64
		for c := first; c < first+n; c++ {
			if g := got[c*5000]; g != nil {
				last = g
			}
			require.Equal(t, want[c*5000], last, "cycle %d", c)
			require.Zero(t, got[c*5000+2500]["top.clk"])
		}
		require.Contains(t, got, (first+n)*5000)
	})
}

// level has names.
type level uint8

func (l level) String() string { return []string{"low", "very high"}[l] }

// Texts are names of integers, and what a function says.
func TestTexts(t *testing.T) {
	var b bytes.Buffer
	r := struct{ L level }{}
	d, err := NewVCD(&b, "top", &r, 10, Group{"more", []Var{{Name: "note", Text: func() string { return "is " + r.L.String() }}}})
	require.NoError(t, err)
	for c, l := range []level{0, 0, 1} {
		r.L = l
		require.NoError(t, d.Sample(uint64(c)))
	}
	require.NoError(t, d.Close())
	text := b.String()
	require.Contains(t, text, "$var string 1 \" L_name $end\n")
	require.Contains(t, text, "$var string 1 # note $end\n")
	require.Equal(t, 1, strings.Count(text, "slow \"\n"))
	require.Contains(t, text, "#20\n1clock\nb1 !\nsvery_high \"\nsis_very_high #\n")
}

func TestVCDRefuses(t *testing.T) {
	_, err := NewVCD(&bytes.Buffer{}, "top", 3, 1)
	require.EqualError(t, err, "wave: vcd: got a int, want a pointer to a struct")
	_, err = NewVCD(&bytes.Buffer{}, "top", &struct{ S string }{}, 1)
	require.ErrorContains(t, err, "has no bool or integer")
	_, err = NewVCD(&bytes.Buffer{}, "top", &record{}, 0)
	require.ErrorContains(t, err, "period")
	d, err := NewVCD(&bytes.Buffer{}, "top", &record{}, 1)
	require.NoError(t, err)
	require.NoError(t, d.Sample(7))
	require.EqualError(t, d.Sample(7), "wave: vcd: sample: got cycle 7 after 7, want a later one")
}

// TestIdentifiers are unique and printable.
func TestIdentifiers(t *testing.T) {
	seen := map[string]bool{}
	for n := range 20000 {
		id := identifier(n)
		require.False(t, seen[id], id)
		seen[id] = true
		for _, c := range id {
			require.True(t, c >= '!' && c <= '~')
		}
	}
}
