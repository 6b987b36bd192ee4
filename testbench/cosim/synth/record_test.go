package synth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Signal is an input, a register or an expected output of a leaf: Count values of Width bits, the
// first in the lowest bits.
type Signal struct {
	Name         string
	Width, Count int
}

// Signals reads a list: names with widths, "x 16, w 16x4" for four values of 16 bits. "acc" is a
// width that is given.
func Signals(list string, acc int) (signals []Signal) {
	for _, text := range strings.Split(list, ", ") {
		s := Signal{Count: 1}
		name, size, _ := strings.Cut(text, " ")
		width, count, several := strings.Cut(size, "x")
		var err error
		if s.Name, s.Width = name, acc; width != "acc" {
			s.Width, err = strconv.Atoi(width)
		}
		if several && err == nil {
			s.Count, err = strconv.Atoi(count)
		}
		if err != nil {
			panic(fmt.Sprintf("synth: got signal %q, want a name and a size", text))
		}
		signals = append(signals, s)
	}
	return signals
}

// Recorder keeps the signals of a leaf over a run.
type Recorder struct {
	Signals []Signal
	Ops     []float64 // operations, by cycle
	values  []uint64
	stride  int
}

// NewRecorder returns an empty one.
func NewRecorder(signals []Signal) *Recorder {
	r := &Recorder{Signals: signals}
	for _, s := range signals {
		r.stride += s.Count
	}
	return r
}

// Cycle adds a cycle: the values of all signals in their order, and the operations.
func (r *Recorder) Cycle(values []uint64, ops float64) {
	if len(values) != r.stride {
		panic(fmt.Sprintf("synth: got %d values, want %d", len(values), r.stride))
	}
	r.values = append(r.values, values...)
	r.Ops = append(r.Ops, ops)
}

// Window is what a leaf saw in some cycles.
type Window struct {
	First, Cycles int
	Ops           float64 // without those of the first cycle
	signals       map[string][]trace
}

func (w *Window) bit(name string, k int) (trace, error) {
	s, ok := w.signals[name]
	if !ok || k >= len(s) {
		return trace{}, fmt.Errorf("synth: got no signal %s with bit %d", name, k)
	}
	return s[k], nil
}

// Window cuts one out.
func (r *Recorder) Window(first, cycles int) *Window {
	w := &Window{First: first, Cycles: cycles, signals: map[string][]trace{}}
	at := 0
	for _, s := range r.Signals {
		bits := make([]trace, s.Width*s.Count)
		for c := range cycles {
			for i, v := range r.values[(first+c)*r.stride+at:][:s.Count] {
				for k := range s.Width {
					if v>>k&1 != 0 {
						bits[s.Width*i+k].set(c)
					}
				}
			}
		}
		w.signals[s.Name] = bits
		at += s.Count
	}
	for _, n := range r.Ops[first+1 : first+cycles] {
		w.Ops += n
	}
	return w
}

// Draw draws n windows that begin in cycles with operations.
func (r *Recorder) Draw(seed uint64, n, cycles int) (list []*Window) {
	var starts []int
	for c := range max(0, len(r.Ops)-cycles) {
		if r.Ops[c] > 0 && r.Ops[c+1] > 0 {
			starts = append(starts, c)
		}
	}
	rng := rand.New(rand.NewPCG(seed, uint64(len(starts))))
	for range n {
		if len(starts) > 0 {
			list = append(list, r.Window(starts[rng.IntN(len(starts))], cycles))
		}
	}
	slices.SortFunc(list, func(a, b *Window) int { return a.First - b.First })
	return list
}

// Mean is a ratio of sums over windows, with the half of its interval of 95 %.
type Mean struct{ Value, Half float64 }

// Over is a mean in another unit.
func (m Mean) Over(unit float64) Mean { return Mean{m.Value / unit, m.Half / unit} }

// Sum adds up.
func Sum(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

// Ratio is that of the sums of two quantities over windows; the interval is that of a ratio
// estimator, with Student's factor for many windows.
func Ratio(num, den []float64) Mean {
	n := float64(len(num))
	r := Sum(num) / Sum(den)
	dev := 0.0
	for i := range num {
		d := num[i] - float64(r*den[i])
		dev += float64(d * d)
	}
	return Mean{r, student(len(num)-1) * math.Sqrt(dev/(n-1)/n) / (Sum(den) / n)}
}

// student is the two-sided factor of 95 % for so many degrees of freedom, from 4 on.
func student(n int) float64 {
	z, d := 1.959964, float64(n) // Cornish and Fisher
	return z + (float64(z*z*z)+z)/(4*d) +
		(float64(5*math.Pow(z, 5))+float64(16*z*z*z)+float64(3*z))/(96*d*d)
}
