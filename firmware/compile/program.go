package compile

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
)

//go:embed asm/*.s
var sources embed.FS

const mainFile = "net.s"

// overlay is the generated file, over the library of this package, over the files of package firmware.
type overlay struct {
	fs.FS
	main string
}

// ReadFile implements fs.ReadFileFS.
func (o overlay) ReadFile(name string) ([]byte, error) {
	if name == mainFile {
		return []byte(o.main), nil
	}
	if b, err := fs.ReadFile(sources, "asm/"+name); err == nil {
		return b, nil
	}
	return fs.ReadFile(o.FS, name)
}

// write makes the program text.
func (p *Plan) write() {
	s := p.spec
	t := &text{}
	fmt.Fprintf(t, "# %s, rule %s, errors of the fully connected layers by %s%s: compiled.\n", s.Net.Name, s.Rule, s.Arm, map[bool]string{true: ", fused schedule"}[s.Fused])
	fmt.Fprintf(t, "# Registers: r1 layer, r2 samples of the batch, r3 flag of the weight buffer that is loaded next; see main.s.\n\n")
	fmt.Fprintf(t, ".equ RULE, %d\n", p.Header.Rule)
	if p.BatchBuffer != 0 {
		fmt.Fprintf(t, ".equ BATCH, %#x             # images of the batch, one behind the other\n", p.BatchBuffer)
	}
	if s.convs() > 0 {
		fmt.Fprintf(t, ".equ CONVS, %d\n.equ SCRATCH_END, 0x1000\n", s.convs())
	}
	if s.Arm == ArmEPC {
		fmt.Fprintf(t, ".equ EPC, 1\n")
	}
	if s.Fused {
		fmt.Fprintf(t, ".equ FUSED, 1\n.equ COPY_P, %d              # pointers, words, and bytes of images, from the first to the second copy\n", p.copyPtrs)
		fmt.Fprintf(t, ".equ COPY_W, %d\n.equ COPY_B, %d\n", p.copyWords, p.copyBytes)
	}
	fmt.Fprintf(t, ".include \"memory.s\"\n.equ LINK, VARIABLES + 64       # return address of forward\n.include \"macros.s\"\n\n")
	fmt.Fprintf(t, "# Tag what follows with the layer in r1: forward, or eval while the test set runs.\n")
	fmt.Fprintf(t, ".macro forward_mark\n        lw      r4, V_TESTING(zero)\n        bnez    r4, 8f\n        mark    ff, r1\n        j       9f\n8:      mark    eval, r1\n9:\n.endm\n\n")
	fmt.Fprintf(t, ".text\n.include \"main.s\"\n.include \"mac.s\"\n")
	if s.convs() > 0 {
		fmt.Fprintf(t, ".include \"conv.s\"\n")
	}
	p.writeForward(t)
	p.writeBackward(t)
	p.code = t.String()
}

// Assembly is the program as text, complete: the files that it includes stand in their places.
func (p *Plan) Assembly() string {
	var out strings.Builder
	for line := range strings.Lines(p.code) {
		name, included := strings.CutPrefix(line, ".include ")
		if !included {
			out.WriteString(line)
			continue
		}
		name = strings.Trim(name, "\"\n")
		text, err := overlay{FS: firmware.Sources()}.ReadFile(name)
		if err != nil {
			panic(err) // the program has been assembled
		}
		fmt.Fprintf(&out, "# ==== %s %s\n%s# ==== end of %s\n", name, strings.Repeat("=", 108-len(name)), text, name)
	}
	return out.String()
}

// Program makes the image of the program without its data: code, scratch memory, and in external
// memory the header, which comes first, and the tables of the passes. What the program does depends
// on nothing else.
func (p *Plan) Program() (*image.Image, error) {
	img, err := p.assemble()
	if err != nil {
		return nil, err
	}
	header := image.Segment{Name: "header", Data: firmware.Encode(&p.Header, firmware.HeaderBytes)}
	img.Segments = append([]image.Segment{header}, p.tables()...)
	return img, nil
}

// assemble makes code and scratch memory.
func (p *Plan) assemble() (*image.Image, error) {
	img, err := asm.Assemble(overlay{firmware.Sources(), p.code}, mainFile, asm.Options{CodeBytes: image.MaxCodeBytes})
	if err != nil {
		return nil, fmt.Errorf("compile: assembly of %s:\n%w", p.spec.Net.Name, err)
	}
	end, _ := img.Symbol("SCRATCH_END")
	for _, m := range []struct {
		name       string
		need, size int
	}{
		{"instruction memory", len(img.Code) * isa.WordBytes, p.spec.Capacities.CodeBytes},
		{"scratch memory", int(end.Value), p.spec.Capacities.ScratchBytes},
	} {
		if m.need > m.size {
			return nil, fmt.Errorf("compile: %s: the program of %s needs %d bytes, there are %d: %d missing", m.name, p.spec.Net.Name, m.need, m.size, m.need-m.size)
		}
	}
	return img, nil
}
