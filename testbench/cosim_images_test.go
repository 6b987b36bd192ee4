package testbench

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// writeMemories writes what a program finds in the memories to files in a folder, and returns what tells
// the RTL to load them: instruction memory by 64-bit words, scratch memory by 32-bit words, external
// memory by bursts.
func writeMemories(img *image.Image, dir string) (args []string, err error) {
	var code bytes.Buffer
	for _, w := range img.Code {
		fmt.Fprintf(&code, "%016x\n", uint64(w))
	}
	scratch := append([]byte{}, img.Scratch...)
	for len(scratch)%4 != 0 {
		scratch = append(scratch, 0)
	}
	var words bytes.Buffer
	for at := 0; at < len(scratch); at += 4 {
		fmt.Fprintf(&words, "%08x\n", binary.LittleEndian.Uint32(scratch[at:]))
	}
	for name, text := range map[string][]byte{"imem": code.Bytes(), "scratch": words.Bytes(), "xmem": external(img)} {
		path := filepath.Join(dir, name+".hex")
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
		if len(text) > 0 {
			args = append(args, fmt.Sprintf("+%s=%s", name, path))
		}
	}
	return append(args, fmt.Sprintf("+entry=%d", img.Entry), fmt.Sprintf("+program=%d", len(img.Code)*isa.WordBytes)), nil
}

// external lists the bursts of external memory that hold something, the last byte first, as a number
// is written.
func external(img *image.Image) []byte {
	mem := make([]byte, (int(img.XMemBytes)+isa.BurstBytes-1)/isa.BurstBytes*isa.BurstBytes)
	for _, s := range img.Segments {
		copy(mem[s.Addr:], s.Data)
	}
	var text bytes.Buffer
	var zero [isa.BurstBytes]byte
	next := -1
	for at := 0; at < len(mem); at += isa.BurstBytes {
		burst := mem[at : at+isa.BurstBytes]
		if bytes.Equal(burst, zero[:]) {
			continue
		}
		if at != next {
			fmt.Fprintf(&text, "@%x\n", at/isa.BurstBytes)
		}
		next = at + isa.BurstBytes
		for i := range burst {
			fmt.Fprintf(&text, "%02x", burst[isa.BurstBytes-1-i])
		}
		text.WriteByte('\n')
	}
	return text.Bytes()
}
