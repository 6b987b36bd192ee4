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
	require.NoError(t, sample().Write(&b, "text"))
	require.Equal(t, `Two units
 unit            | nJ_each |    count 
-----------------+---------+----------
 DNNC            |  0.3333 | 12345678 
 a, "quoted" one | 1234567 |        0 
 sum             |         |        7 
1 notes
`, b.String())
}

// A figure stands at the right like a number, and is written as it is.
func TestFigure(t *testing.T) {
	tab := New("F", "rule", "accuracy")
	tab.Row("bp", Figure("81.10 +- 0.3"))
	tab.Row("dfa", Figure("-"))
	var b bytes.Buffer
	require.NoError(t, tab.Text(&b))
	require.Equal(t, "F\n rule |     accuracy \n------+--------------\n bp   | 81.10 +- 0.3 \n dfa  |            - \n", b.String())
	b.Reset()
	require.NoError(t, tab.CSV(&b))
	require.Equal(t, "rule,accuracy\nbp,81.10 +- 0.3\ndfa,-\n", b.String())
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
		require.NoError(t, tab.Write(&b, format))
		return b.String()
	}
	require.Equal(t, " name |  eta |    % | % of total |  n \n"+
		"------+------+------+------------+----\n"+
		" a    | 2^-6 |  0.4 |      12.35 |  1 \n"+
		" b    |    - | 99.6 |       0.00 | 22 \n", write("text"))
	require.Equal(t, "name,eta,%,% of total,n\na,0.015625,0.4,12.3456,1\nb,-,99.6,0.001,22\n", write("csv"))
	var got Table
	require.NoError(t, json.Unmarshal([]byte(write("json")), &got))
	require.Equal(t, []any{"a", 0.015625, 0.4, 12.3456, 1.0}, got.Rows[0])
	tab.Row("c", Fixed(math.Inf(1), 1), 0.0, 0.0, 0)
	require.ErrorContains(t, tab.CSV(&bytes.Buffer{}), "row 2, column eta: got +Inf, want a finite number")
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().Write(&b, "csv"))
	recs, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"unit", "nJ_each", "count"}, {"DNNC", "0.3333333333333333", "12345678"},
		{`a, "quoted" one`, "1.234567e+06", "0"}, {"sum", "", "7"}}, recs)
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().Write(&b, "json"))
	var got Table
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, "Two units", got.Title)
	require.Equal(t, []any{"DNNC", 1.0 / 3, 12345678.0}, got.Rows[0])
	require.Equal(t, []string{"1 notes"}, got.Notes)
	b.Reset()
	require.NoError(t, New("empty", "a").JSON(&b))
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
			require.ErrorContains(t, tab.Write(&bytes.Buffer{}, f), want)
		}
	}
	require.ErrorContains(t, sample().Write(&bytes.Buffer{}, "xml"), `got "xml", want one of text, csv, json`)
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
	require.NoError(t, tab.Text(&b))
	for _, line := range strings.Split(b.String(), "\n") {
		require.LessOrEqual(t, len(line), widest+12, line)
	}
	require.Equal(t, 40, strings.Count(b.String(), "word"))
	require.Contains(t, b.String(), "end")
	var c strings.Builder
	require.NoError(t, tab.CSV(&c))
	require.Len(t, strings.Split(strings.TrimSpace(c.String()), "\n"), 3)
}
