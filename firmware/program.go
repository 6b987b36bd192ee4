package firmware

import (
	"embed"
	"fmt"
	"io/fs"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
)

//go:embed asm/*.s
var sources embed.FS

// Sources are the files of the programs; compiled programs include some of them.
func Sources() fs.FS {
	dir, err := fs.Sub(sources, "asm")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return dir
}

// Program assembles the training program of a rule, BP or BDFA, for instruction and scratch memories of the given
// sizes. The image has code and symbols, but no data yet.
func Program(rule string, codeBytes, scratchBytes int) (*image.Image, error) {
	if rule != BP && rule != BDFA {
		return nil, fmt.Errorf("firmware: rule: got %q, want %q or %q", rule, BP, BDFA)
	}
	// The sizes are checked here and not by the assembler, so that one message says how much is missing.
	img, err := asm.Assemble(Sources(), rule+".s", asm.Options{CodeBytes: image.MaxCodeBytes})
	if err != nil {
		return nil, fmt.Errorf("firmware: program %s:\n%w", rule, err)
	}
	scratchEnd, _ := img.Symbol("SCRATCH_END")
	for _, m := range []struct {
		name       string
		need, size int
	}{{"instruction memory", len(img.Code) * isa.WordBytes, codeBytes}, {"scratch memory", int(scratchEnd.Value), scratchBytes}} {
		if m.need > m.size {
			return nil, fmt.Errorf("firmware: %s: program %s needs %d bytes, there are %d: %d missing", m.name, rule, m.need, m.size, m.need-m.size)
		}
	}
	return img, nil
}
