package compile

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"bdfasim/firmware"
)

// Listing is what emit makes: what the chip executes.
type Listing struct {
	Text   string   // assembly; it includes files of package firmware
	Tables Segments // header, and what the program reads about its convolutions
}

//go:embed program.tmpl
var programText string

//go:embed sub.tmpl
var subText string

// program has the pieces of programs; what else they call is an emitter's.
var program = template.Must(template.New("program").
	Funcs(numbers).Funcs((&emitter{}).functions()).Parse(programText + subText))

type emitter struct {
	strings.Builder
	labels int
	*Layout
	passes   []Pass
	template *template.Template
}

// emit is the fourth pass: from a layout and the passes over its layers to the program.
func emit(l *Layout, passes []Pass) Listing {
	e := &emitter{Layout: l, passes: passes}
	e.template = template.Must(program.Clone()).Funcs(e.functions())
	e.WriteString(e.text("frame", nil))
	e.piece("forward", nil)
	e.writeBackward()
	out := Listing{Text: e.String()}
	out.Tables.add("header", 0, firmware.Encode(&l.Header, firmware.HeaderBytes))
	for _, p := range passes {
		if p.Cut != nil {
			l.emitTables(&out.Tables, p.Cut)
		}
	}
	return out
}

// text is a piece of program.tmpl as it stands there, with the numbers of what it is about.
func (e *emitter) text(piece string, about any) string {
	var b strings.Builder
	if err := e.template.ExecuteTemplate(&b, piece, about); err != nil {
		panic(err) // the template is part of the program
	}
	return b.String()
}

// piece writes a piece of program.tmpl.
func (e *emitter) piece(name string, about any) { e.lines(e.text(name, about)) }

// asm writes lines of assembly.
func (e *emitter) asm(format string, args ...any) { e.lines(fmt.Sprintf(format, args...)) }

// lines writes lines of assembly: instructions, labels, comments, headings ("## ..."), and seti
// with several parameters of a unit, as "seti wld split=0 pitch=0".
func (e *emitter) lines(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case strings.HasSuffix(name, ":"):
			fmt.Fprintln(e, line)
		case name == "##":
			head := "# ---- " + rest + " "
			fmt.Fprintf(e, "\n%s%s\n", head, strings.Repeat("-", max(4, 116-len(head))))
		case name == "#":
			fmt.Fprintf(e, "        %s\n", line)
		case name == "seti" && strings.Contains(rest, "="):
			pairs := strings.Fields(rest)
			for _, p := range pairs[1:] {
				param, value, _ := strings.Cut(p, "=")
				fmt.Fprintf(e, "        %-7s %s.%s, %s\n", name, pairs[0], param, value)
			}
		case rest == "":
			fmt.Fprintf(e, "        %s\n", name)
		default:
			fmt.Fprintf(e, "        %-7s %s\n", name, rest)
		}
	}
}

// fresh returns a label that is used nowhere else.
func (e *emitter) fresh(what string) string {
	e.labels++
	return fmt.Sprintf("%s%d", what, e.labels)
}

// copied goes from a place in the first copy of the maps to the copy of the batch at hand; offset
// is a variable, with is used.
func (e *emitter) copied(reg, with, offset string) string {
	if !e.spec.Fused {
		return ""
	}
	return fmt.Sprintf("lw %s, %s(zero)\nadd %s, %s, %s", with, offset, reg, reg, with)
}

// setCopied sets a parameter register to a place in the copy of the maps of the batch at hand; r6
// and r7 are used.
func (e *emitter) setCopied(register string, at uint32, offset string) string {
	if !e.spec.Fused {
		return fmt.Sprintf("seti %s, %d", register, at)
	}
	return fmt.Sprintf("li r6, %d\n%s\nset %s, r6",
		int32(at), e.copied("r6", "r7", offset), register)
}

// pass is a pass over a convolution, or several that are an update, under a mark of a layer.
func (e *emitter) pass(kind string, layer int, mark string, marked int, routine string) string {
	var out strings.Builder
	for k := range e.passes {
		p := &e.passes[k]
		if p.Cut == nil || p.Kind != kind || p.Cut.Index != layer {
			continue
		}
		fmt.Fprintf(&out, "# %d strips, %d tiles of up to %d pixels, %d of %d channels, %d blocks of weights\n",
			p.Strips, p.Tiles, p.Pixels, p.LaneTiles, e.spec.Machine.DNNC.Lanes, p.Blocks)
		if p.Cut.Jobs[0].W == 0 { // the first, or only one
			fmt.Fprintf(&out, "li r1, %d\n%s\n", marked, mark)
		}
		fmt.Fprintf(&out, "li r6, %#x\njal r14, %s\n", p.Cut.At, routine)
	}
	return out.String()
}
