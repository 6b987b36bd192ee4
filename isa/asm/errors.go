package asm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one error in the source.
type Error struct {
	File      string
	Line, Col int      // from 1; Col counts bytes
	Msg       string   // what is wrong, with what was got and what is allowed
	Source    string   // the line, as it was after the replacement of macro arguments
	From      []string // the macros, repetitions and includes that led here, the innermost first
}

// List is all errors of a source, sorted by place.
type List []*Error

// Error returns file:line:col: message, beneath it the line and a caret, beneath these From.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s\n\t%s\n\t", e.File, e.Line, e.Col, e.Msg, e.Source)
	for _, c := range e.Source[:min(e.Col-1, len(e.Source))] {
		if c != '\t' {
			c = ' '
		}
		b.WriteRune(c)
	}
	b.WriteByte('^')
	for _, f := range e.From {
		b.WriteString("\n\t" + f)
	}
	return b.String()
}

// Error returns all errors, one below the other.
func (l List) Error() string {
	s := make([]string, len(l))
	for i, e := range l {
		s[i] = e.Error()
	}
	return strings.Join(s, "\n")
}

// sorted returns the errors by place, without repetitions.
func (l List) sorted() List {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col), cmp.Compare(a.Msg, b.Msg))
	})
	return slices.CompactFunc(l, func(a, b *Error) bool { return a.Error() == b.Error() })
}

// failure is what a parsing function panics with: an error in the statement at hand, which ends
// there. Attempt catches it, so it never leaves the package. Columns count from 0.
type failure struct {
	col int
	msg string
}

func fail(col int, format string, args ...any) {
	panic(&failure{col, fmt.Sprintf(format, args...)})
}

// within fails unless low <= v <= high.
func within(col int, what string, v, low, high int64) {
	if v < low || v > high {
		fail(col, "%s: got %d, want %d..%d", what, v, low, high)
	}
}

// silent is the failure that was reported elsewhere.
var silent = &failure{}

// attempt runs f and tells whether it came to its end. It reports a failure, in the line of p.
func (a *assembler) attempt(p pos, f func()) (ok bool) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *failure:
			if e != silent {
				p.col = e.col
				a.report(p, "%s", e.msg)
			}
		default:
			panic(e)
		}
	}()
	f()
	return true
}

// pos is a place in the source.
type pos struct {
	line *srcLine
	col  int
	ctx  *context
}

// report notes an error.
func (a *assembler) report(p pos, format string, args ...any) {
	if a.stop {
		return
	}
	e := p.error(fmt.Sprintf(format, args...))
	for c := p.ctx; c.parent != nil; c = c.parent {
		if c.from != "" {
			e.From = append(e.From, c.from)
		}
	}
	a.errors = append(a.errors, e)
	if len(a.errors) >= maxErrors {
		a.fatal(p, fmt.Sprintf("more than %d errors, the rest is not looked at", maxErrors-1))
	}
}

// fatal ends the assembly with a last message.
func (a *assembler) fatal(p pos, msg string) {
	if !a.stop {
		a.stop = true
		a.errors = append(a.errors, p.error(msg))
	}
}

func (p pos) error(msg string) *Error {
	return &Error{File: p.line.file, Line: p.line.num, Col: p.col + 1, Msg: msg, Source: p.line.raw}
}
