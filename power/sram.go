package power

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
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
	AreaUM2         float64
}

// numbers are those of a Macro, in its order.
type numbers [4]float64

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
	rows   map[macroKey]numbers
	kbs    []int
	widths []int
}

var defaultSRAM = sync.OnceValue(func() *sramTable {
	t, err := parseSRAM(cactiCSV)
	if err != nil {
		panic(err) // the table is part of the program
	}
	return t
})

// sramColumns are those of a table; the times are not used.
const sramColumns = "cell,KB,width_bits,read_nJ,write_nJ,leak_mW,access_ns,cycle_ns,area_mm2"

// parseSRAM reads a table. Every cell must have every capacity at every width.
func parseSRAM(text string) (*sramTable, error) {
	recs, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("power: sram table: %w", err)
	}
	if len(recs) < 2 || strings.Join(recs[0], ",") != sramColumns {
		return nil, fmt.Errorf("power: sram table: want a header %s and at least one row", sramColumns)
	}
	t := &sramTable{rows: map[macroKey]numbers{}}
	cells := map[Cell]bool{}
	for i, rec := range recs[1:] {
		k, m, err := parseMacro(rec)
		if err != nil {
			return nil, fmt.Errorf("power: sram table: line %d: %w", i+2, err)
		}
		if _, twice := t.rows[k]; twice {
			return nil, fmt.Errorf("power: sram table: line %d: %s %d KB x %d a second time", i+2, k.cell, k.kb, k.width)
		}
		t.rows[k], cells[k.cell] = m, true
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

// parseMacro reads a row.
func parseMacro(rec []string) (k macroKey, m numbers, err error) {
	k.cell = Cell(rec[0])
	for i, dst := range []*int{&k.kb, &k.width} {
		v, err := strconv.Atoi(rec[1+i])
		if err != nil || v <= 0 || v > 1<<20 {
			return k, m, fmt.Errorf("column %d: got %q, want a positive integer", 2+i, rec[1+i])
		}
		*dst = v
	}
	for i, column := range []struct {
		at   int
		unit float64
	}{{3, 1000}, {4, 1000}, {5, 1}, {8, 1e6}} {
		v, err := strconv.ParseFloat(rec[column.at], 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return k, m, fmt.Errorf("column %d: got %q, want a positive number", column.at+1, rec[column.at])
		}
		m[i] = v * column.unit
	}
	return k, m, nil
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
	return defaultSRAM().macro(cell, bytes, width)
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
	return Macro{
		Picojoules(m[0] * energy), Picojoules(m[1] * energy), m[2] * slicesN, m[3] * slicesN,
	}, nil
}

// nearestWidth returns the column nearest to w by ratio; a rational width has no two equally near powers of two.
func (t *sramTable) nearestWidth(w float64) int {
	far := func(c int) float64 { return max(float64(c)/w, w/float64(c)) }
	return slices.MinFunc(t.widths, func(a, b int) int { return cmp.Compare(far(a), far(b)) })
}

// between interpolates a column of the table to kb.
func (t *sramTable) between(cell Cell, kb float64, width int) (m numbers, err error) {
	first, last := t.kbs[0], t.kbs[len(t.kbs)-1]
	m, ok := t.rows[macroKey{cell, first, width}]
	if !ok {
		return m, fmt.Errorf("power: sram macro: no cell %q in the table", cell)
	}
	if kb > float64(last) {
		return m, fmt.Errorf("power: sram macro: got %.4g KB, want at most %d", kb, last)
	}
	if kb <= float64(first) {
		m[2] *= kb / float64(first) // leakage
		return m, nil
	}
	// The rows around kb: kbs[i-1] < kb <= kbs[i].
	i := slices.IndexFunc(t.kbs, func(v int) bool { return float64(v) >= kb })
	lo, hi := t.rows[macroKey{cell, t.kbs[i-1], width}], t.rows[macroKey{cell, t.kbs[i], width}]
	from, to := float64(t.kbs[i-1]), float64(t.kbs[i])
	if kb == to {
		return hi, nil // the table's own rows come back unrounded
	}
	for k, a := range lo {
		m[k] = loglog(from, to, a, hi[k], kb)
	}
	return m, nil
}

// loglog is the value at x of the line on logarithmic scales from (x0, v0) to (x1, v1), found by
// halving: a square root is the same on every machine, a logarithm may differ in its last bit.
func loglog(x0, x1, v0, v1, x float64) float64 {
	for range 60 { // more than the bits of a result
		mid, v := math.Sqrt(x0*x1), math.Sqrt(v0*v1)
		if mid <= x {
			x0, v0 = mid, v
		} else {
			x1, v1 = mid, v
		}
	}
	return v0
}
