package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// written is a table as JSON has it.
type written struct {
	Name, Title string
	Columns     []string
	Rows        [][]any
	Notes       []string
}

func sample() *Table {
	t := New("Two units", "unit", "nJ_each", "count")
	t.Row("DNNC", 1.0/3, uint64(12345678))
	t.Row("a, \"quoted\" one", 1234567.0, 0)
	t.Row("sum", "", 7)
	t.Note("%d notes", 1)
	return t
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().Write(&b, "text", 0))
	require.Equal(t, `Two units
 unit            | nJ_each |    count 
-----------------+---------+----------
 DNNC            |  0.3333 | 12345678 
 a, "quoted" one | 1234567 |        0 
 sum             |         |        7 
1 notes
`, b.String())
}

func TestFixed(t *testing.T) {
	require.Equal(t, "83.07", Fixed(83.0666, 2).Text)
	require.Equal(t, "0.0", Fixed(-0.004, 1).Text)
	require.Equal(t, "-0.1", Fixed(-0.06, 1).Text)
	require.Equal(t, "100.0", Fixed(100, 1).Text)
}

// TestNumber: texts are rounded and end right; CSV and JSON have all digits.
func TestNumber(t *testing.T) {
	tab := New("", "name", "eta", "%", "% of total", "n")
	tab.Row("a", Number{1. / 64, "2^-6"}, 0.4, 12.3456, 1)
	tab.Row("b", "-", 99.6, 0.001, 22)
	write := func(format string) string {
		var b bytes.Buffer
		require.NoError(t, tab.Write(&b, format, 0))
		return b.String()
	}
	require.Equal(t, " name |  eta |    % | % of total |  n \n"+
		"------+------+------+------------+----\n"+
		" a    | 2^-6 |  0.4 |      12.35 |  1 \n"+
		" b    |    - | 99.6 |       0.00 | 22 \n", write("text"))
	require.Equal(t, "name,eta,percent,percent_of_total,n\na,0.015625,0.4,12.3456,1\nb,,99.6,0.001,22\n", write("csv"))
	var got written
	require.NoError(t, json.Unmarshal([]byte(write("json")), &got))
	require.Equal(t, []any{"a", 0.015625, 0.4, 12.3456, 1.0}, got.Rows[0])
	tab.Row("c", Fixed(math.Inf(1), 1), 0.0, 0.0, 0)
	require.ErrorContains(t, tab.CSV(&bytes.Buffer{}), "row 2, column eta: got +Inf, want a finite number")
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().Write(&b, "csv", 0))
	recs, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"unit", "nj_each", "count"}, {"DNNC", "0.3333333333333333", "12345678"},
		{`a, "quoted" one`, "1.234567e+06", "0"}, {"sum", "", "7"}}, recs)
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().Write(&b, "json", 0))
	var got written
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, "Two units", got.Title)
	require.Equal(t, []any{"DNNC", 1.0 / 3, 12345678.0}, got.Rows[0])
	require.Equal(t, []string{"1 notes"}, got.Notes)
	b.Reset()
	require.NoError(t, JSON(&b, New("empty", "a")))
	require.Contains(t, b.String(), `"rows": []`)
}

func TestRefusals(t *testing.T) {
	for want, cells := range map[string][]any{
		"row 0: got 1 cells, want 2":      {"x"},
		"column b: got NaN, want":         {"x", math.NaN()},
		"column b: got a []int, want str": {"x", []int{1}},
	} {
		tab := New("bad", "a", "b")
		tab.Row(cells...)
		for _, f := range Formats {
			require.ErrorContains(t, tab.Write(&bytes.Buffer{}, f, 0), want)
		}
	}
	require.ErrorContains(t, sample().Write(&bytes.Buffer{}, "xml", 0), `got "xml", want one of text, csv, json, md`)
}

func TestDigits(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 1: "1.000", -12.345678: "-12.35", 1234.5: "1234", 123456789: "123456789",
		0.00012345: "0.0001234", 1e-9: "1.000e-09", 999.96: "1000", 2e20: "2.000e+20"} {
		require.Equal(t, want, Digits(x))
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1e18, 1e18).Draw(t, "x")
		got, err := strconv.ParseFloat(Digits(x), 64)
		if err != nil || math.Abs(got-x) > 5.01e-4*math.Abs(x) {
			t.Fatalf("%v: got %v, %v", x, got, err)
		}
	})
}

// TestLongCells: words of a long cell go on in the next line of its column, and none is lost.
func TestLongCells(t *testing.T) {
	tab := New("", "n", "text")
	tab.Row(1, strings.Repeat("word ", 40)+"end")
	tab.Row(2, "short")
	var b strings.Builder
	require.NoError(t, tab.Text(&b, 0))
	for _, line := range strings.Split(b.String(), "\n") {
		require.LessOrEqual(t, len(line), widest+12, line)
	}
	require.Equal(t, 40, strings.Count(b.String(), "word"))
	require.Contains(t, b.String(), "end")
	var c strings.Builder
	require.NoError(t, tab.CSV(&c))
	require.Len(t, strings.Split(strings.TrimSpace(c.String()), "\n"), 3)
}

// TestColumns: to programs every column has a name of its own, with its unit.
func TestColumns(t *testing.T) {
	tab := New("Energy by unit (uJ)", "unit", "% of total", "total|total_uj", "accuracy %", "bdfa")
	tab.Row("DNNC", 99.0, 3.0, Spread{18.75, 6.63}, 1)
	tab.Row("-", 1.0, "-", 20.5, 2.5)
	require.Equal(t, "energy_by_unit", tab.Name)
	require.Equal(t, "layers", New("Layers: cnn, rule bp", "a").Name)
	var b bytes.Buffer
	require.NoError(t, tab.CSV(&b))
	require.Equal(t, "unit,percent_of_total,total_uj,accuracy_percent,accuracy_percent_deviation,bdfa\n"+
		"DNNC,99,3,18.75,6.63,1\n,1,,20.5,,2.5\n", b.String())
	b.Reset()
	require.NoError(t, JSON(&b, tab))
	var got written
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, []any{nil, 1.0, nil, 20.5, nil, 2.5}, got.Rows[1])
	b.Reset()
	require.NoError(t, tab.Text(&b, 0))
	require.Contains(t, b.String(), " unit | % of total | total |    accuracy % |  bdfa \n")
	require.Contains(t, b.String(), "| 18.75 +- 6.63 |")
	b.Reset()
	require.NoError(t, tab.Markdown(&b, 2))
	require.Contains(t, b.String(), "| unit | % of total | total | accuracy % | bdfa |\n")

	require.ErrorContains(t, New("Twice", "at", "at").CSV(&b), `got two columns "at", want a name each`)
	one := New("One", "a")
	one.Row("-")
	require.ErrorContains(t, one.CSV(&b), "row 0: got nothing in the only column")
}

// TestWidth: a table that is too wide loses no number: it goes on in blocks, each with what tells its
// rows apart; long texts are wrapped or left out, and that is said.
func TestWidth(t *testing.T) {
	tab := New("Wide", "phase", "layer", "cycles", "words", "energy", "made of", "source")
	tab.Row("ff", "conv1", 1234567, 7654321, 0.25, strings.Repeat("a price ", 5), strings.Repeat("a source ", 5))
	tab.Row("ff", "fc1", 1, 2, 0.5, "nothing", "nobody")
	tab.Note("a note of %s", strings.Repeat("many words ", 6))
	var b bytes.Buffer
	require.NoError(t, tab.Text(&b, 36))
	require.Equal(t, `Wide
 phase | layer |  cycles |   words 
-------+-------+---------+---------
 ff    | conv1 | 1234567 | 7654321 
 ff    | fc1   |       1 |       2 

 phase | layer | energy 
-------+-------+--------
 ff    | conv1 | 0.2500 
 ff    | fc1   | 0.5000 
a note of many words many words
  many words many words many words
  many words
left out, --wide shows: made of,
  source
`, b.String())
	b.Reset()
	require.NoError(t, tab.Text(&b, 100))
	require.Contains(t, b.String(), "nobody")
	require.NotContains(t, b.String(), "left out")
	rapid.Check(t, func(t *rapid.T) {
		tab, width := New("T"), rapid.IntRange(30, 120).Draw(t, "width")
		for j := range rapid.IntRange(1, 12).Draw(t, "columns") {
			tab.Header = append(tab.Header, "c"+strconv.Itoa(j))
		}
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			var row []any
			for range tab.Header {
				row = append(row, rapid.OneOf(rapid.Int().AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(),
					rapid.StringMatching(`([a-z]{1,9} ){0,12}[a-z]`).AsAny()).Draw(t, "cell"))
			}
			tab.Row(row...)
		}
		var b bytes.Buffer
		require.NoError(t, tab.Text(&b, width))
		for line := range strings.SplitSeq(b.String(), "\n") {
			require.LessOrEqual(t, len(line), width+30, b.String()) // two numbers of 20 digits
		}
	})
}

// FuzzCSV: what is written reads back, whatever is in the cells.
func FuzzCSV(f *testing.F) {
	f.Add("a, \"b\"", "-", 0.1, uint64(1)<<63)
	f.Add("\n", "=1+1", -1e300, uint64(0))
	f.Fuzz(func(t *testing.T, a, b string, x float64, n uint64) {
		tab := New("T", "a", "b", "x", "n", "s")
		tab.Row(a, b, x, n, Spread{x, 1})
		tab.Row(n, true, Fixed(x, 1), "-", b)
		var out bytes.Buffer
		if err := tab.CSV(&out); math.IsNaN(x) || math.IsInf(x, 0) {
			require.ErrorContains(t, err, "finite")
			return
		}
		rows, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		got, err := strconv.ParseFloat(rows[1][2], 64)
		require.NoError(t, err)
		require.Equal(t, x, got)
		require.Equal(t, strconv.FormatUint(n, 10), rows[1][3])
		if a != "-" {
			require.Equal(t, strings.ReplaceAll(a, "\r\n", "\n"), rows[1][0])
		}
		out.Reset()
		require.NoError(t, JSON(&out, tab))
		var back written
		require.NoError(t, json.Unmarshal(out.Bytes(), &back))
		require.Equal(t, x, back.Rows[0][2])
	})
}

// TestRecords: a table of records that is too wide has a line for each cell, and loses none.
func TestRecords(t *testing.T) {
	r := New("Found", "what", "where", "times")
	r.Records = true
	r.Row("a", strings.Repeat("x", 30), 1)
	r.Row("b", strings.Repeat("y", 30), 22)
	var b strings.Builder
	require.NoError(t, r.Text(&b, 45))
	require.Equal(t, `Found
 what  | a                              
-------+--------------------------------
 where | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 
 times | 1                              
       |                                
 what  | b                              
 where | yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy 
 times | 22                             
`, b.String())
	b.Reset()
	require.NoError(t, r.Text(&b, 80))
	require.Contains(t, b.String(), " what | where ")
}
