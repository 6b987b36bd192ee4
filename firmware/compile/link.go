package compile

import (
	"fmt"
	"io/fs"
	"strings"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
)

const mainFile = "net.s"

// Assembly is the program as text, complete: the files that it includes stand in their places.
func (p *Plan) Assembly() string {
	var out strings.Builder
	for line := range strings.Lines(p.Text) {
		name, included := strings.CutPrefix(line, ".include ")
		if !included {
			out.WriteString(line)
			continue
		}
		name = strings.Trim(name, "\"\n")
		text, err := fs.ReadFile(firmware.Sources(), name)
		if err != nil {
			panic(err) // the program has been assembled
		}
		fmt.Fprintf(&out, "# ==== %s %s\n%s# ==== end of %s\n", name, strings.Repeat("=", 108-len(name)), text, name)
	}
	return out.String()
}

// Program makes the image of the program without its data: code, scratch memory, and in external
// memory the header, which comes first, and the tables of the passes. What the program does
// depends on nothing else.
func (p *Plan) Program() (*image.Image, error) {
	files := asm.Overlay{FS: firmware.Sources(), Name: mainFile, Text: p.Text}
	img, err := asm.Assemble(files, mainFile, asm.Options{CodeBytes: image.MaxCodeBytes})
	if err != nil {
		return nil, fmt.Errorf("compile: assembly of %s:\n%w", p.spec.Net.Name, err)
	}
	for _, m := range p.programUsage(img) {
		if m.Used > m.Size {
			return nil, fmt.Errorf("compile: %s: the program of %s needs %d bytes, there are %d: %d missing",
				m.Memory, p.spec.Net.Name, m.Used, m.Size, m.Used-m.Size)
		}
	}
	m := isa.For(p.spec.Machine, img.Code)
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("compile: machine for %s: %w", p.spec.Net.Name, err)
	}
	img.XMemBytes, img.Segments = p.Header.XMemBytes, p.Tables
	return img, nil
}
