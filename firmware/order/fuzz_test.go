package order

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
)

// FuzzCheck: any code gives a report or an error, within the limit of instructions.
func FuzzCheck(f *testing.F) {
	for _, j := range []training{{rule: compile.BP}, {rule: compile.BDFA, stored: true}} {
		j.net = mlp(f, 5, 4, 3)
		img, _, err := short(j).build()
		require.NoError(f, err)
		b := make([]byte, isa.WordBytes*len(img.Code))
		for i, w := range img.Code {
			binary.LittleEndian.PutUint64(b[isa.WordBytes*i:], uint64(w))
		}
		f.Add(b, uint32(1<<16))
	}
	for _, info := range isa.Table { // every command, with the least and the largest of parameters
		for _, largest := range []bool{false, true} {
			var b []byte
			for p := range isa.Units[info.Unit].Params {
				v, hi := info.Op.Limits(p)
				switch {
				case hi == math.MaxInt32:
					v = 32
				case largest:
					v = hi
				}
				seti := isa.Pack(isa.OpSeti, 0, 0, 0, uint16(info.Unit)<<8|uint16(p), int32(v))
				b = binary.LittleEndian.AppendUint64(b, uint64(seti))
			}
			b = binary.LittleEndian.AppendUint64(b, uint64(isa.Pack(info.Op, 0, 0, 0, info.FlagMask(), 0)))
			f.Add(b, uint32(1<<16))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, xmem uint32) {
		img := &image.Image{XMemBytes: xmem % (1 << 24)}
		for ; len(b) >= isa.WordBytes; b = b[isa.WordBytes:] {
			img.Code = append(img.Code, isa.Word(binary.LittleEndian.Uint64(b)))
		}
		img.Segments = []image.Segment{{Name: "a", Addr: 0, Data: make([]byte, min(100, img.XMemBytes))}}
		r, err := Check(img, Options{Limit: 2000, Findings: 5})
		if len(r.Findings) > 5 || r.Instructions > 2000 {
			t.Fatal(len(r.Findings), r.Instructions, err)
		}
	})
}
