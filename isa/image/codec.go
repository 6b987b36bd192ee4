package image

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"bdfasim/isa"
)

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// encodeLines writes the .bdfasim.lines section.
func encodeLines(lines []Line) []byte {
	index := map[string]uint64{}
	var files []string
	for _, l := range lines {
		if _, ok := index[l.File]; !ok {
			index[l.File] = uint64(len(files))
			files = append(files, l.File)
		}
	}
	b := binary.AppendUvarint(nil, uint64(len(files)))
	for _, f := range files {
		b = appendString(b, f)
	}
	b = binary.AppendUvarint(b, uint64(len(lines)))
	var last Line
	for _, l := range lines {
		b = binary.AppendUvarint(b, uint64(l.Addr-last.Addr)/isa.WordBytes)
		b = binary.AppendUvarint(b, index[l.File])
		b = binary.AppendVarint(b, int64(l.Line-last.Line))
		last = l
	}
	return b
}

// encodeTensors writes the .bdfasim.tensors section.
func encodeTensors(tensors []Tensor) []byte {
	b := binary.AppendUvarint(nil, uint64(len(tensors)))
	for _, t := range tensors {
		b = appendString(appendString(appendString(b, t.Name), t.Space), t.Layout)
		b = binary.AppendUvarint(b, uint64(t.Addr))
		b = binary.AppendUvarint(b, uint64(t.Stride))
		for _, v := range []int{t.Bits, t.Frac, t.Layer} {
			b = binary.AppendVarint(b, int64(v))
		}
		b = binary.AppendUvarint(b, uint64(len(t.Shape)))
		for _, d := range t.Shape {
			b = binary.AppendUvarint(b, uint64(d))
		}
	}
	return b
}

// decoder reads the encoded sections; after an error it returns zeros.
type decoder struct {
	b   []byte
	err error
}

var errShort = errors.New("ends too early or holds an oversized number")

func (d *decoder) uint(limit uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	return d.take(v, n, v <= limit)
}

func (d *decoder) int() int {
	v, n := binary.Varint(d.b)
	return int(int64(d.take(uint64(v), n, v >= math.MinInt32 && v <= math.MaxInt32)))
}

func (d *decoder) take(v uint64, n int, ok bool) uint64 {
	if d.err != nil || n <= 0 || !ok {
		d.err = errShort
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads the number of items that follow, each at least one byte long, so that it bounds what is allocated.
func (d *decoder) count() int { return int(d.uint(uint64(len(d.b)))) }

func (d *decoder) string() string {
	n := d.count()
	if n > len(d.b) {
		d.err = errShort
	}
	if d.err != nil {
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) end() error {
	if d.err == nil && len(d.b) != 0 {
		return fmt.Errorf("got %d bytes too many", len(d.b))
	}
	return d.err
}

// decodeLines is the inverse of encodeLines.
func decodeLines(b []byte) ([]Line, error) {
	d := decoder{b: b}
	var files []string
	for n := d.count(); n > 0 && d.err == nil; n-- {
		files = append(files, d.string())
	}
	var lines []Line
	var last Line
	for n := d.count(); n > 0 && d.err == nil; n-- {
		last.Addr += uint32(d.uint(MaxCodeBytes/isa.WordBytes)) * isa.WordBytes
		file := d.uint(math.MaxUint32)
		last.Line += d.int()
		if d.err == nil && file >= uint64(len(files)) {
			return nil, fmt.Errorf("got file %d, want less than %d", file, len(files))
		}
		if d.err == nil {
			last.File = files[file]
			lines = append(lines, last)
		}
	}
	return lines, d.end()
}

// decodeTensors is the inverse of encodeTensors.
func decodeTensors(b []byte) ([]Tensor, error) {
	d := decoder{b: b}
	var tensors []Tensor
	for n := d.count(); n > 0 && d.err == nil; n-- {
		t := Tensor{Name: d.string(), Space: d.string(), Layout: d.string()}
		t.Addr, t.Stride = uint32(d.uint(math.MaxUint32)), uint32(d.uint(math.MaxUint32))
		t.Bits, t.Frac, t.Layer = d.int(), d.int(), d.int()
		for k := d.count(); k > 0 && d.err == nil; k-- {
			t.Shape = append(t.Shape, int(d.uint(math.MaxInt32)))
		}
		tensors = append(tensors, t)
	}
	return tensors, d.end()
}
