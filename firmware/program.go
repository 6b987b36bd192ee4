package firmware

import (
	"embed"
	"fmt"
	"io/fs"

	"bdfasim/isa/asm"
	"bdfasim/isa/image"
)

//go:embed asm/*.s
var sources embed.FS

// Program assembles the training program of a rule, BP or BDFA, for instruction and scratch memories of the given
// sizes. The image has code and symbols, but no data yet.
func Program(rule string, codeBytes, scratchBytes int) (*image.Image, error) {
	if rule != BP && rule != BDFA {
		return nil, fmt.Errorf("firmware: rule: got %q, want %q or %q", rule, BP, BDFA)
	}
	dir, err := fs.Sub(sources, "asm")
	if err != nil {
		return nil, fmt.Errorf("firmware: %w", err)
	}
	img, err := asm.Assemble(dir, rule+".s", asm.Options{CodeBytes: codeBytes, ScratchBytes: scratchBytes})
	if err != nil {
		return nil, fmt.Errorf("firmware: program %s:\n%w", rule, err)
	}
	if end, _ := img.Symbol("SCRATCH_END"); int(end.Value) > scratchBytes {
		return nil, fmt.Errorf("firmware: scratch memory: the program needs %d bytes, there are %d: %d missing",
			end.Value, scratchBytes, int(end.Value)-scratchBytes)
	}
	return img, nil
}
