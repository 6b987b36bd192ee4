package trace

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
)

// Reader reads a recording.
type Reader struct {
	lines  *csv.Reader
	header []string
	fields []reflect.Value
	cycle  uint64
}

// NewReader begins to read a recording into the structs that in and out point to. It fails if
// the recording is not one of such structs.
func NewReader(r io.Reader, in, out any) (*Reader, error) {
	rd := &Reader{lines: csv.NewReader(r)}
	rd.lines.ReuseRecord = true
	rd.header, rd.fields = columns(in, out)
	got, err := rd.lines.Read()
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	if !slices.Equal(got, rd.header) {
		return nil, fmt.Errorf("recording: the columns are not those of %T and %T", in, out)
	}
	return rd, nil
}

// Next reads a cycle into the structs; after the last it returns io.EOF.
func (r *Reader) Next() error {
	line, err := r.lines.Read()
	if err != nil {
		return err
	}
	r.cycle++
	if line[0] != strconv.FormatUint(r.cycle, 10) {
		return fmt.Errorf("recording: got cycle %s, want %d", line[0], r.cycle)
	}
	for i, text := range line[1:] {
		if err := set(r.fields[i], text); err != nil {
			return fmt.Errorf("recording: cycle %d, %s: %w", r.cycle, r.header[i+1], err)
		}
	}
	return nil
}

// set parses a number that fits a field.
func set(v reflect.Value, text string) error {
	if v.CanInt() {
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	}
	bits := 1
	if v.CanUint() {
		bits = v.Type().Bits()
	}
	n, err := strconv.ParseUint(text, 10, bits)
	if v.CanUint() {
		v.SetUint(n)
	} else {
		v.SetBool(n == 1)
	}
	return err
}
