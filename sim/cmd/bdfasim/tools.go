package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
	"bdfasim/power/table"
)

// asmCmd assembles.
type asmCmd struct {
	Source  string           `arg:"" help:"Source file, - for standard input."`
	Output  target           `short:"o" placeholder:"FILE" help:"${asm_output}"`
	Define  map[string]int64 `short:"D" placeholder:"NAME=N" help:"Define constants."`
	Include []string         `short:"I" placeholder:"DIR" help:"${include}"`
}

// Run is called by kong.
func (c *asmCmd) Run(e *env) error {
	if c.Output == "" && terminal(e.stdout) {
		return usagef("asm: want -o FILE: an image is not for a terminal")
	}
	fsys, name := os.DirFS(filepath.Dir(c.Source)), filepath.Base(c.Source)
	if c.Source == "-" {
		name = "stdin" // in error messages
		text, err := asm.Read(name, e.stdin)
		if err != nil {
			return err
		}
		fsys = asm.Overlay{FS: os.DirFS("."), Name: name, Text: text}
	}
	img, err := asm.Assemble(fsys, name, asm.Options{Defines: c.Define, Include: c.Include})
	if err != nil {
		return err
	}
	return writeImage(e, c.Output, img)
}

// disasmCmd disassembles.
type disasmCmd struct {
	Image  string `arg:"" help:"Image to print."`
	Output target `short:"o" placeholder:"FILE" help:"Write to FILE instead of standard output."`
}

// Run is called by kong.
func (c *disasmCmd) Run(e *env) error {
	img, err := image.ReadFile(c.Image)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := disasm.Write(&b, img); err != nil {
		return err
	}
	return writeTo(e, c.Output, b.Bytes())
}

// infoCmd shows what is in an image.
type infoCmd struct {
	Image string `arg:"" help:"Image to look into."`
	tableFlags
}

// Run is called by kong.
func (c *infoCmd) Run(e *env) error {
	img, err := image.ReadFile(c.Image)
	if err != nil {
		return err
	}
	e.about.image(filepath.Base(c.Image), img)
	tables := []*table.Table{sectionTable(img), symbolTable(img)}
	if len(img.Tensors) > 0 {
		tables = append(tables, tensorTable(img))
	}
	if h := headerOf(img); h != nil {
		tables = append(tables, trainingTable(img, h))
	}
	return c.write(e, tables...)
}

func hex(v uint32) string { return fmt.Sprintf("0x%x", v) }

func sectionTable(img *image.Image) *table.Table {
	t := table.New("Sections", "section", "memory", "address", "bytes")
	t.Row("text", "instruction", hex(0), len(img.Code)*isa.WordBytes)
	t.Row("scratch", "scratch", hex(0), len(img.Scratch))
	for _, s := range img.Segments {
		t.Row(s.Name, "external", hex(s.Addr), len(s.Data))
	}
	for _, n := range img.Notes {
		t.Row(n.Name, fmt.Sprintf("tools (version %d)", n.Version), "-", len(n.Data))
	}
	t.Note("entry 0x%x; needs %d bytes of external memory; ISA version %d", img.Entry, img.XMemBytes, isa.Version)
	return t
}

func symbolTable(img *image.Image) *table.Table {
	t := table.New("Symbols", "symbol", "space", "value")
	for _, s := range img.Symbols {
		t.Row(s.Name, s.Space.String(), hex(s.Value))
	}
	return t
}

func tensorTable(img *image.Image) *table.Table {
	t := table.New("Tensors", "tensor", "space", "layout", "address", "stride", "shape", "bits", "fraction", "layer")
	for _, x := range img.Tensors {
		t.Row(x.Name, x.Space, x.Layout, hex(x.Addr), int(x.Stride), shapeOf(x), x.Bits, x.Frac, x.Layer)
	}
	return t
}

// shapeOf writes a shape as 10 x 64.
func shapeOf(t image.Tensor) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(t.Shape), " ", " x "), "[]")
}

// layersOf lists the weighted layers with the shapes of their weights.
func layersOf(img *image.Image) string {
	var layers []string
	for _, t := range img.Tensors {
		if name, ok := strings.CutSuffix(t.Name, ".W"); ok {
			layers = append(layers, name+" "+shapeOf(t))
		}
	}
	return strings.Join(layers, ", ")
}

// trainingTable is what a training program will do.
func trainingTable(img *image.Image, h *firmware.Header) *table.Table {
	t := table.New("Training", "what", "value")
	t.Row("layers", layersOf(img))
	if rules := compile.Rules(); int(h.Rule) < len(rules) {
		t.Row("rule", rules[h.Rule])
	}
	t.Row("errors of fully connected layers by", errorUnit(img))
	if h.SignEntries > 0 {
		t.Row("stored feedback signs, entries", int(h.SignEntries))
	}
	t.Row("epochs", int(h.Epochs))
	t.Row("batch", int(h.Batch))
	t.Row("training images", int(h.TrainN))
	t.Row("test images", int(h.TestN))
	t.Row("eta", rate(float64(h.Eta)/65536))
	t.Row("mu", float64(h.Mu)/65536)
	t.Row("lambda", float64(h.Lambda)/65536)
	for _, c := range compile.ClippedOf(img) {
		t.Note("%s", c)
	}
	return t
}

// errorUnit is the unit of the error path that a program has commands for.
func errorUnit(img *image.Image) string {
	for _, w := range img.Code {
		if info := isa.Lookup(w.Op()); info != nil && (info.Unit == isa.UnitDEPC || info.Unit == isa.UnitEPC) {
			return info.Unit.String()
		}
	}
	return isa.UnitDNNC.String()
}

// program tells builds apart: the revision, or a hash of the program where it has been changed
// since.
func program() string {
	said := map[string]string{}
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, s := range b.Settings {
			said[s.Key] = s.Value
		}
	}
	if said["vcs.modified"] == "false" {
		return said["vcs.revision"]
	}
	name, err := os.Executable()
	b, readErr := os.ReadFile(name)
	if err != nil || readErr != nil {
		return "unknown"
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))
}
