package synth

import (
	"fmt"
	"math/bits"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Library is what a Liberty file says of cells: the capacitance of inputs, and functions of outputs.
type Library struct {
	File  string
	Cells map[string]*LibCell
	DPin  float64 // capacitance of a flip-flop's data input
}

// LibCell is a cell without memory, or a flip-flop, which has no functions.
type LibCell struct {
	Caps      map[string]float64 // pF, of inputs
	Functions map[string]*logic  // of outputs
}

var (
	libCell = regexp.MustCompile(`^\s*cell\s*\(\s*"?(\w+)"?\s*\)`)
	libPin  = regexp.MustCompile(`^\s*pin\s*\(\s*"?(\w+)"?\s*\)`)
	libAttr = regexp.MustCompile(`^\s*(capacitance|function|direction)\s*:\s*"?([^";]+)"?\s*;`)
)

// ReadLibrary reads a Liberty file whose attributes stand on lines of their own. flop is its
// flip-flop, with data input D.
func ReadLibrary(file, flop string) (*Library, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	l := &Library{File: file, Cells: map[string]*LibCell{}}
	var cell *LibCell
	pin, input := "", false
	for i, line := range strings.Split(string(text), "\n") {
		if m := libCell.FindStringSubmatch(line); m != nil {
			cell = &LibCell{Caps: map[string]float64{}, Functions: map[string]*logic{}}
			l.Cells[m[1]] = cell
			continue
		}
		if m := libPin.FindStringSubmatch(line); m != nil {
			pin = m[1]
			continue
		}
		m := libAttr.FindStringSubmatch(line)
		if m == nil || cell == nil {
			continue
		}
		switch m[1] {
		case "direction":
			input = m[2] == "input"
		case "capacitance":
			if input {
				cell.Caps[pin], err = strconv.ParseFloat(m[2], 64)
			}
		case "function":
			cell.Functions[pin], err = parseLogic(m[2])
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
	}
	if l.Cells[flop] == nil || l.Cells[flop].Caps["D"] == 0 {
		return nil, fmt.Errorf("%s: got no flip-flop %s with an input D", file, flop)
	}
	l.DPin = l.Cells[flop].Caps["D"]
	return l, nil
}

// logic is a function of pins: a variable, or an operator ! & | ^ over others.
type logic struct {
	op   byte // 0: a variable
	name string
	a, b *logic
}

// parseLogic reads a function: ! or ', & or a space, |, + and ^.
func parseLogic(text string) (*logic, error) {
	p := &logicParser{text: text}
	f := p.sum()
	if p.skip(); p.wrong || p.at < len(text) {
		return nil, fmt.Errorf("function: got %q", text)
	}
	return f, nil
}

type logicParser struct {
	text  string
	at    int
	wrong bool
}

func (p *logicParser) skip() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

func (p *logicParser) next() byte {
	if p.skip(); p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *logicParser) sum() *logic {
	f := p.product()
	for !p.wrong && strings.IndexByte("+|^", p.next()) >= 0 && p.next() != 0 {
		op := byte('|')
		if p.next() == '^' {
			op = '^'
		}
		p.at++
		f = &logic{op: op, a: f, b: p.product()}
	}
	return f
}

func (p *logicParser) product() *logic {
	f := p.factor()
	for !p.wrong {
		switch c := p.next(); {
		case c == '&' || c == '*':
			p.at++
		case c == '!' || c == '(' || isName(c):
		default:
			return f
		}
		f = &logic{op: '&', a: f, b: p.factor()}
	}
	return f
}

func (p *logicParser) factor() (f *logic) {
	switch c := p.next(); {
	case c == '!':
		p.at++
		return &logic{op: '!', a: p.factor()}
	case c == '(':
		p.at++
		f = p.sum()
		p.wrong = p.wrong || p.next() != ')'
		p.at++
	case isName(c):
		from := p.at
		for p.at < len(p.text) && isName(p.text[p.at]) {
			p.at++
		}
		f = &logic{name: p.text[from:p.at]}
	default:
		p.wrong = true
		return &logic{}
	}
	for p.at < len(p.text) && p.text[p.at] == '\'' {
		p.at++
		f = &logic{op: '!', a: f}
	}
	return f
}

func isName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// Span is the length of the longest window: cycles in whole words.
const Span = 192

// trace is a net in the cycles of a window, from the lowest bit on.
type trace [Span / 64]uint64

var ones = func() (t trace) {
	for i := range t {
		t[i] = ^uint64(0)
	}
	return t
}()

// eval is the function with pins in a window.
func (f *logic) eval(pin func(string) *trace) (y trace) {
	if f.op == 0 {
		return *pin(f.name)
	}
	a := f.a.eval(pin)
	if f.op == '!' {
		for i := range y {
			y[i] = ^a[i]
		}
		return y
	}
	b := f.b.eval(pin)
	for i := range y {
		switch f.op {
		case '&':
			y[i] = a[i] & b[i]
		case '|':
			y[i] = a[i] | b[i]
		default:
			y[i] = a[i] ^ b[i]
		}
	}
	return y
}

// changes are those of a net from cycle to cycle in n cycles.
func (t *trace) changes(n int) (sum int) {
	for i, w := range t {
		before := w << 1
		if i > 0 {
			before |= t[i-1] >> 63
		} else {
			before |= w & 1
		}
		d := w ^ before
		if left := n - 64*i; left < 64 {
			d &= 1<<max(0, left) - 1
		}
		sum += bits.OnesCount64(d)
	}
	return sum
}

func (t *trace) bit(cycle int) bool { return t[cycle/64]>>(cycle%64)&1 != 0 }

func (t *trace) set(cycle int) { t[cycle/64] |= 1 << (cycle % 64) }
