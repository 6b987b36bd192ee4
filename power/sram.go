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

// Words are the cells in files.
func (Cell) Words() []string { return []string{string(CellLSTP), string(CellHP)} }

// Macro is the energy of one access, the leakage and the area of one SRAM macro.
type Macro struct {
	ReadPJ, WritePJ Picojoules // one access at the full width
	LeakMW          float64
	AreaUM2         float64 // 0 if the table has no areas
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

// parseSRAM reads a table with the columns cell, KB, width_bits, read_nJ, write_nJ, leak_mW and perhaps area_mm2 (others are
// ignored). Every cell must have every capacity at every width.
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
	areaAt := slices.Index(recs[0], "area_mm2")
	cells := map[Cell]bool{}
	for i, rec := range recs[1:] {
		k, m, err := parseMacro(rec, areaAt)
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

// parseMacro reads a row; column areaAt is the area, -1 for none.
func parseMacro(rec []string, areaAt int) (k macroKey, m Macro, err error) {
	k.cell = Cell(rec[0])
	for i, dst := range []*int{&k.kb, &k.width} {
		v, err := strconv.Atoi(rec[1+i])
		if err != nil || v <= 0 || v > 1<<20 {
			return k, m, fmt.Errorf("column %d: got %q, want a positive integer", 2+i, rec[1+i])
		}
		*dst = v
	}
	num := [4]float64{}
	columns := []int{3, 4, 5}
	if areaAt >= 0 {
		columns = append(columns, areaAt)
	}
	for i, at := range columns {
		v, err := strconv.ParseFloat(rec[at], 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return k, m, fmt.Errorf("column %d: got %q, want a positive number", at+1, rec[at])
		}
		num[i] = v
	}
	return k, Macro{ReadPJ: Picojoules(num[0] * 1000), WritePJ: Picojoules(num[1] * 1000), LeakMW: num[2], AreaUM2: num[3] * 1e6}, nil
}

// SRAMMacro returns the energy of a macro of so many bytes and bits a word, from CACTI's table at its own conditions:
//
//   - wider than the table (256 bit): the fewest equal slices side by side, each a macro of its own;
//   - width between two columns: the nearest by ratio, energy scaled linearly with width; leakage and area follow
//     capacity alone and stay;
//   - capacity between two rows: a straight line in log(energy) over log(capacity), and so for leakage and area;
//   - below the smallest row (1 KB): the energy and area of that row, since decoders and sense amplifiers do not shrink with the
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
	return Macro{ReadPJ: m.ReadPJ * Picojoules(energy), WritePJ: m.WritePJ * Picojoules(energy), LeakMW: m.LeakMW * slicesN, AreaUM2: m.AreaUM2 * slicesN}, nil
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
	area := 0.0
	if lo.AreaUM2 > 0 {
		area = line(lo.AreaUM2, hi.AreaUM2)
	}
	return Macro{
		ReadPJ:  Picojoules(line(float64(lo.ReadPJ), float64(hi.ReadPJ))),
		WritePJ: Picojoules(line(float64(lo.WritePJ), float64(hi.WritePJ))),
		LeakMW:  line(lo.LeakMW, hi.LeakMW),
		AreaUM2: area,
	}, nil
}
