// Package firmware is what all training programs have in common: their frame in assembly (folder asm) and the structures
// that they share with the host in external memory. firmware/compile makes the programs; firmware/listing has two of them
// to read.
//
// docs/firmware.md shows the memory map, the structures and the schedule of a step. The arithmetic is that of
// docs/arithmetic.md, whose section numbers the comments cite.
package firmware

import (
	"embed"
	"io/fs"
)

//go:generate sh -c "go run bdfasim/sim/cmd/bdfasim compile mlp-784-128-64-10 --rule bp -S >listing/bp.s"
//go:generate sh -c "go run bdfasim/sim/cmd/bdfasim compile mlp-784-128-64-10 --rule bdfa -S >listing/bdfa.s"

// Sources of BDFA's and BFA's feedback signs.
const (
	LFSR = "lfsr" // generated, from a seed a layer
	SRAM = "sram" // stored
)

// Limits of programs.
const (
	MaxBatch   = 4096
	SubBatch   = 32    // samples that the chip holds at a time
	MaxLayers  = 31    // a mark holds layer numbers up to 31
	MaxSamples = 65535 // of a set: order entries hold 16-bit indices
)

// Set is a set of samples: n images of as many bytes as the network has inputs, one after another, and n labels.
type Set struct {
	Images []byte
	Labels []uint16
}

//go:embed asm/*.s
var sources embed.FS

// Sources are the files of the frame, which compiled programs include.
func Sources() fs.FS {
	dir, err := fs.Sub(sources, "asm")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return dir
}
