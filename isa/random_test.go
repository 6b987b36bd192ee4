package isa_test

import (
	"fmt"
	"math"
	"slices"

	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// randomWord draws a valid instruction whose target, if it has one, lies within codeBytes.
func randomWord(t *rapid.T, codeBytes int) isa.Word {
	info := &isa.Table[rapid.IntRange(0, len(isa.Table)-1).Draw(t, "row")]
	reg := rapid.Uint8Range(0, isa.NumRegs-1)
	var rd, ra, rb uint8
	var aux uint16
	var imm int32
	for _, o := range info.Format.Operands() {
		switch o {
		case isa.OperandRd:
			rd = reg.Draw(t, "rd")
		case isa.OperandRa:
			ra = reg.Draw(t, "ra")
		case isa.OperandRb:
			rb = reg.Draw(t, "rb")
		case isa.OperandImm:
			imm = rapid.Int32().Draw(t, "imm")
		case isa.OperandMem:
			ra, imm = reg.Draw(t, "ra"), rapid.Int32().Draw(t, "offset")
		case isa.OperandTarget:
			imm = int32(rapid.IntRange(0, codeBytes/isa.WordBytes).Draw(t, "target") * isa.WordBytes)
		case isa.OperandCount:
			imm = rapid.Int32Min(0).Draw(t, "count")
		case isa.OperandFlags:
			aux = rapid.Uint16().Draw(t, "flags") & info.FlagMask()
			if len(info.Flags) > 0 {
				ra = reg.Draw(t, "ra")
			}
		default:
			aux = rapid.SampledFrom(o.Names()).Draw(t, "name").Aux
		}
	}
	for info.Op == isa.OpSeti && isa.CheckParam(aux, imm) != nil {
		imm /= 2 // nearer to what is good
	}
	return isa.Pack(info.Op, rd, ra, rb, aux, imm)
}

// randomImage draws a valid image whose lists are nil where they are empty and whose symbols are in the order of the file:
// what Read returns for it is equal to it.
func randomImage(t *rapid.T) *image.Image {
	m := &image.Image{}
	n := rapid.IntRange(0, 24).Draw(t, "words")
	for i := 0; i < n; i++ {
		w := isa.Word(rapid.SampledFrom([]uint64{0, 1, 1 << 63, math.MaxUint64}).Draw(t, "no instruction"))
		if rapid.IntRange(0, 9).Draw(t, "kind") > 1 {
			w = randomWord(t, n*isa.WordBytes)
		}
		m.Code = append(m.Code, w)
		if rapid.Bool().Draw(t, "has line") {
			m.Lines = append(m.Lines, image.Line{Addr: uint32(i * isa.WordBytes), File: fileNames.Draw(t, "file"), Line: rapid.IntRange(1, math.MaxInt32).Draw(t, "line")})
		}
	}
	if n > 0 {
		m.Entry = uint32(rapid.IntRange(0, n-1).Draw(t, "entry") * isa.WordBytes)
	}
	if rapid.Bool().Draw(t, "has scratch") {
		m.Scratch = randomData(t)
	}
	randomSegments(t, m)
	randomSymbols(t, m)
	randomTensors(t, m)
	randomNotes(t, m)
	return m
}

var (
	fileNames = rapid.SampledFrom([]string{"a.s", "lib/b.s", `odd "name" \ ü.s`})
	names     = rapid.StringMatching(`[A-Za-z_.$][A-Za-z0-9_.$]{0,5}`).Filter(image.ValidName)
)

// randomData draws at least one byte, often with long runs of zeros.
func randomData(t *rapid.T) []byte {
	b := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "data")
	b = append(b, make([]byte, rapid.SampledFrom([]int{0, 0, 7, 64, 300}).Draw(t, "zeros"))...)
	return append(b, rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "more data")...)
}

func randomSegments(t *rapid.T, m *image.Image) {
	at := 0
	for i := rapid.IntRange(0, 3).Draw(t, "segments"); i > 0; i-- {
		at += rapid.SampledFrom([]int{0, 1, 32, 1 << 20}).Draw(t, "gap")
		s := image.Segment{Name: fmt.Sprintf("%s_%d", names.Draw(t, "segment"), i), Addr: uint32(at), Data: randomData(t)}
		at += len(s.Data)
		m.Segments = append(m.Segments, s)
	}
	m.XMemBytes = uint32(at + rapid.SampledFrom([]int{0, 1, 4096}).Draw(t, "more memory"))
}

func randomSymbols(t *rapid.T, m *image.Image) {
	limit := [image.NumSpaces]uint32{math.MaxUint32, uint32(len(m.Code) * isa.WordBytes), uint32(len(m.Scratch)), m.XMemBytes}
	seen := map[string]bool{}
	for i := rapid.IntRange(0, 12).Draw(t, "symbols"); i > 0; i-- {
		s := image.Symbol{Name: names.Draw(t, "symbol"), Space: image.Space(rapid.IntRange(0, int(image.NumSpaces)-1).Draw(t, "space"))}
		s.Value = rapid.Uint32Range(0, limit[s.Space]).Draw(t, "value")
		if !seen[s.Name] {
			m.Symbols = append(m.Symbols, s)
		}
		seen[s.Name] = true
	}
	slices.SortFunc(m.Symbols, image.Symbol.Compare)
}

func randomTensors(t *rapid.T, m *image.Image) {
	for i := rapid.IntRange(0, 3).Draw(t, "tensors"); i > 0; i-- {
		m.Tensors = append(m.Tensors, image.Tensor{
			Name:   fmt.Sprintf("%s/%d", rapid.SampledFrom([]string{"w", `q"\`, "ä"}).Draw(t, "tensor"), i),
			Space:  rapid.SampledFrom([]string{"xmem", "omem", "mask"}).Draw(t, "space"),
			Layout: rapid.SampledFrom([]string{"", "blocks", "two words"}).Draw(t, "layout"),
			Addr:   rapid.Uint32().Draw(t, "addr"), Stride: rapid.Uint32().Draw(t, "stride"),
			Shape: rapid.SliceOfN(rapid.IntRange(1, math.MaxInt32), 1, image.MaxDims).Draw(t, "shape"),
			Bits:  rapid.IntRange(1, 64).Draw(t, "bits"), Frac: rapid.IntRange(-1024, 1024).Draw(t, "frac"),
			Layer: rapid.IntRange(-1, 100).Draw(t, "layer"),
		})
	}
}

func randomNotes(t *rapid.T, m *image.Image) {
	for i := rapid.IntRange(0, 2).Draw(t, "notes"); i > 0; i-- {
		n := image.Note{
			Name:    fmt.Sprintf("%s_%d", names.Draw(t, "note"), i),
			Version: rapid.Uint32().Draw(t, "version"),
		}
		if rapid.Bool().Draw(t, "has text") {
			n.Data = []byte(rapid.StringMatching("([ -~]*\n|\t\"\\\\){0,3}").Draw(t, "text"))
			n.Data = append(n.Data, randomData(t)...)
		}
		m.Notes = append(m.Notes, n)
	}
}
