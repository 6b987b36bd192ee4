package power

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Cell names a kind of memory cell and transistor in the SRAM table.
type Cell string

// The cells whose supply is near 1.1 V. The table's third kind, itrs-lop, is computed at 0.8 V and not offered.
const (
	CellLSTP Cell = "itrs-lstp" // low standby power: a low-power process
	CellHP   Cell = "itrs-hp"   // high performance: a general-purpose process
)

// Macro is the energy of one access and the leakage of one SRAM macro.
type Macro struct {
	ReadPJ, WritePJ Picojoules // one access at the full width
	LeakMW          float64
}

// cactiCSV is CACTI 7's output, a row for each cell, capacity and width.
//
//go:embed cacti65.csv
var cactiCSV string

type macroKey struct {
	cell  Cell
	kb    int
	width int
}

// sramTable holds the rows of the table and its axes in rising order.
type sramTable struct {
	rows   map[macroKey]Macro
	kbs    []int
	widths []int
}

var defaultSRAM = sync.OnceValues(func() (*sramTable, error) { return parseSRAM(strings.NewReader(cactiCSV)) })

// parseSRAM reads a table with the columns cell, KB, width_bits, read_nJ, write_nJ, leak_mW (more are ignored). Every
// cell must have every capacity at every width.
func parseSRAM(r io.Reader) (*sramTable, error) {
	recs, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("power: sram table: %w", err)
	}
	want := []string{"cell", "KB", "width_bits", "read_nJ", "write_nJ", "leak_mW"}
	if len(recs) < 2 || len(recs[0]) < len(want) || !slices.Equal(recs[0][:len(want)], want) {
		return nil, fmt.Errorf("power: sram table: want a header starting %s and at least one row", strings.Join(want, ","))
	}
	t := &sramTable{rows: map[macroKey]Macro{}}
	cells := map[Cell]bool{}
	for i, rec := range recs[1:] {
		k, m, err := parseMacro(rec)
		if err != nil {
			return nil, fmt.Errorf("power: sram table: line %d: %w", i+2, err)
		}
		if _, twice := t.rows[k]; twice {
			return nil, fmt.Errorf("power: sram table: line %d: %s %d KB x %d a second time", i+2, k.cell, k.kb, k.width)
		}
		t.rows[k] = m
		cells[k.cell] = true
		t.kbs, t.widths = append(t.kbs, k.kb), append(t.widths, k.width)
	}
	for _, axis := range []*[]int{&t.kbs, &t.widths} {
		slices.Sort(*axis)
		*axis = slices.Compact(*axis)
	}
	if got, want := len(t.rows), len(cells)*len(t.kbs)*len(t.widths); got != want {
		return nil, fmt.Errorf("power: sram table: got %d rows, want %d (every capacity at every width of every cell)", got, want)
	}
	return t, nil
}

func parseMacro(rec []string) (k macroKey, m Macro, err error) {
	k.cell = Cell(rec[0])
	for i, dst := range []*int{&k.kb, &k.width} {
		v, err := strconv.Atoi(rec[1+i])
		if err != nil || v <= 0 || v > 1<<20 {
			return k, m, fmt.Errorf("column %d: got %q, want a positive integer", 2+i, rec[1+i])
		}
		*dst = v
	}
	var num [3]float64
	for i := range num {
		v, err := strconv.ParseFloat(rec[3+i], 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return k, m, fmt.Errorf("column %d: got %q, want a positive number", 4+i, rec[3+i])
		}
		num[i] = v
	}
	return k, Macro{ReadPJ: Picojoules(num[0] * 1000), WritePJ: Picojoules(num[1] * 1000), LeakMW: num[2]}, nil
}

// SRAMMacro returns the energy of a macro of so many bytes and bits a word, from CACTI's table at its own conditions:
//
//   - wider than the table (256 bit): the fewest equal slices side by side, each a macro of its own;
//   - width between two columns: the nearest by ratio, energy scaled linearly with width; leakage follows capacity alone
//     and stays;
//   - capacity between two rows: a straight line in log(energy) over log(capacity);
//   - below the smallest row (1 KB): the energy of that row, since decoders and sense amplifiers do not shrink with the
//     words; leakage in proportion to capacity;
//   - above the largest (128 KB): refused, such a memory is built of several macros.
func SRAMMacro(cell Cell, bytes, width int) (Macro, error) {
	t, err := defaultSRAM()
	if err != nil {
		return Macro{}, err
	}
	return t.macro(cell, bytes, width)
}

func (t *sramTable) macro(cell Cell, bytes, width int) (Macro, error) {
	if bytes <= 0 || width <= 0 {
		return Macro{}, fmt.Errorf("power: sram macro: got %d bytes x %d bit, want more than 0", bytes, width)
	}
	widest := t.widths[len(t.widths)-1]
	slicesN := float64((width + widest - 1) / widest)
	kb, w := float64(bytes)/1024/slicesN, float64(width)/slicesN
	near := t.nearestWidth(w)
	m, err := t.between(cell, kb, near)
	if err != nil {
		return Macro{}, err
	}
	energy := slicesN * w / float64(near)
	return Macro{ReadPJ: m.ReadPJ * Picojoules(energy), WritePJ: m.WritePJ * Picojoules(energy), LeakMW: m.LeakMW * slicesN}, nil
}

// nearestWidth returns the column nearest to w by ratio; a rational width has no two equally near powers of two.
func (t *sramTable) nearestWidth(w float64) int {
	best := t.widths[0]
	for _, c := range t.widths {
		if math.Abs(math.Log(float64(c)/w)) < math.Abs(math.Log(float64(best)/w)) {
			best = c
		}
	}
	return best
}

// between interpolates a column of the table to kb.
func (t *sramTable) between(cell Cell, kb float64, width int) (Macro, error) {
	first, last := t.kbs[0], t.kbs[len(t.kbs)-1]
	if _, ok := t.rows[macroKey{cell, first, width}]; !ok {
		return Macro{}, fmt.Errorf("power: sram macro: no cell %q in the table", cell)
	}
	if kb > float64(last) {
		return Macro{}, fmt.Errorf("power: sram macro: got %.4g KB, want at most %d", kb, last)
	}
	if kb <= float64(first) {
		m := t.rows[macroKey{cell, first, width}]
		m.LeakMW *= kb / float64(first)
		return m, nil
	}
	i, _ := slices.BinarySearchFunc(t.kbs, kb, func(a int, b float64) int {
		if float64(a) < b {
			return -1
		}
		return 1
	}) // kbs[i-1] < kb <= kbs[i]
	lo, hi := t.rows[macroKey{cell, t.kbs[i-1], width}], t.rows[macroKey{cell, t.kbs[i], width}]
	f := math.Log(kb/float64(t.kbs[i-1])) / math.Log(float64(t.kbs[i])/float64(t.kbs[i-1]))
	line := func(a, b float64) float64 {
		if f == 1 {
			return b // the table's own rows come back unrounded
		}
		return a * math.Pow(b/a, f)
	}
	return Macro{
		ReadPJ:  Picojoules(line(float64(lo.ReadPJ), float64(hi.ReadPJ))),
		WritePJ: Picojoules(line(float64(lo.WritePJ), float64(hi.WritePJ))),
		LeakMW:  line(lo.LeakMW, hi.LeakMW),
	}, nil
}
