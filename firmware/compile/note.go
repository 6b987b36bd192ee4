package compile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"bdfasim/firmware/net"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
)

// ErrNoNetwork tells that an image does not say which network it trains: it was assembled, not
// compiled.
var ErrNoNetwork = errors.New("compile: the image does not tell its network: it was not compiled")

// The note that a compiled image has. Who changes what plans depend on gives it another version.
const (
	noteName    = "network"
	noteVersion = 1
)

// content is the note as JSON: a specification without data.
type content struct {
	Network string    // as package net writes it
	Formats []Formats // by layer, from 0
	FBShift []int
	Samples samples
	Spec
}

func (p *Plan) note() image.Note {
	c := content{Network: string(p.spec.Net.Marshal()), Samples: p.samples, Spec: *p.spec}
	for _, l := range p.spec.Layers {
		c.Formats, c.FBShift = append(c.Formats, l.Formats), append(c.FBShift, l.FBShift)
	}
	b, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		panic(fmt.Sprintf("compile: %v", err)) // a specification that is planned has no NaN
	}
	return image.Note{Name: noteName, Version: noteVersion, Data: append(b, '\n')}
}

// Runs tells which machine was built for the program, in plan and image.
func (p *Plan) Runs(img *image.Image, m machine.Config) {
	p.spec.Machine = m
	i := slices.IndexFunc(img.Notes, func(n image.Note) bool { return n.Name == noteName })
	img.Notes[i] = p.note()
}

// FromImage makes the plan of a compiled image anew, as Build gave it, whose data the image's
// external memory has. It fails with ErrNoNetwork where there is none, and tells of a note that is
// damaged, of another version, or not that of the program.
func FromImage(img *image.Image) (*Plan, error) {
	n, ok := img.Note(noteName)
	if !ok {
		return nil, ErrNoNetwork
	}
	if n.Version != noteVersion {
		return nil, fmt.Errorf("compile: the image's note %s: got version %d, want %d: "+
			"another version of bdfasim made it", noteName, n.Version, noteVersion)
	}
	p, err := planOfNote(n.Data)
	if err != nil {
		return nil, fmt.Errorf("compile: the image's note %s: %w", noteName, err)
	}
	again, err := p.Program()
	if err != nil {
		return nil, err
	}
	if err := p.fitsImage(img, again); err != nil {
		return nil, fmt.Errorf("compile: the image's note %s does not fit its program: %w", noteName, err)
	}
	return p, nil
}

// told is what an image tells without a plan.
type told struct {
	Machine machine.Config
	Network string
	Clipped []Clip
}

func toldBy(img *image.Image) (t told, ok bool) {
	n, ok := img.Note(noteName)
	ok = ok && n.Version == noteVersion && json.Unmarshal(n.Data, &t) == nil
	return t, ok
}

// MachineOf is the machine that an image was compiled for; false: the image does not tell.
func MachineOf(img *image.Image) (machine.Config, bool) {
	t, ok := toldBy(img)
	return t.Machine, ok
}

// ClippedOf are the initial values that did not fit when an image was compiled.
func ClippedOf(img *image.Image) []Clip {
	t, _ := toldBy(img)
	return t.Clipped
}

// NetworkOf is the text of the network that an image was compiled from; "": the image does not tell.
func NetworkOf(img *image.Image) string {
	t, _ := toldBy(img)
	return t.Network
}

// Origin is what an image says that it was compiled from, as JSON; nil: nothing.
func Origin(img *image.Image) json.RawMessage {
	n, ok := img.Note(noteName)
	var b bytes.Buffer
	if !ok || json.Compact(&b, n.Data) != nil {
		return nil
	}
	return b.Bytes()
}

// planOfNote reads a note and plans what it says.
func planOfNote(data []byte) (*Plan, error) {
	var c content
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("got more behind its end")
	}
	var err error
	s := &c.Spec
	if s.Net, err = net.Parse([]byte(c.Network), noteName); err != nil {
		return nil, err
	}
	if s.Layers, err = Lower(s.Net, DefaultFormats()); err != nil {
		return nil, err
	}
	if n := len(s.Layers); len(c.Formats) != n || len(c.FBShift) != n {
		return nil, fmt.Errorf("formats: got %d and %d layers, want %d",
			len(c.Formats), len(c.FBShift), n)
	}
	for i := range s.Layers {
		s.Layers[i].Formats, s.Layers[i].FBShift = c.Formats[i], c.FBShift[i]
	}
	n := c.Samples
	if min(n.Train, n.Test+1, n.Epoch) < 1 || max(n.Train, n.Test, n.Epoch) > maxEpoch {
		return nil, fmt.Errorf("samples: got %+v, want some", n)
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	return newPlan(s, c.Samples)
}

// maxEpoch is more samples than the order of an epoch has room for.
const maxEpoch = 1 << 30

// fitsImage compares an image with the program of the plan: code, tables, and samples of orders.
func (p *Plan) fitsImage(img, again *image.Image) error {
	h := &p.Header
	switch {
	case !slices.Equal(again.Code, img.Code), !bytes.Equal(again.Scratch, img.Scratch),
		again.Entry != img.Entry:
		return errors.New("other instructions")
	case img.XMemBytes != h.XMemBytes:
		return fmt.Errorf("external memory: got %d bytes, want %d", img.XMemBytes, h.XMemBytes)
	}
	for _, s := range again.Segments {
		if got := segmentAt(img, s.Addr); !bytes.Equal(got, s.Data) {
			return fmt.Errorf("another %s", s.Name)
		}
	}
	train := segmentAt(img, h.TrainOrder)
	for e := range h.Epochs {
		if err := p.fitsOrder(train, e*h.OrderStride, h.TrainN, p.samples.Train); err != nil {
			return err
		}
	}
	return p.fitsOrder(segmentAt(img, h.TestOrder), 0, h.TestN, p.samples.Test)
}

func segmentAt(img *image.Image, addr uint32) []byte {
	for _, s := range img.Segments {
		if s.Addr == addr {
			return s.Data
		}
	}
	return nil
}

// fitsOrder looks at the entries of an order: n from a byte of a table on, of so many samples.
func (p *Plan) fitsOrder(table []byte, from, n uint32, samples int) error {
	if uint64(len(table)) < uint64(from)+4*uint64(n) {
		return fmt.Errorf("order of samples: got %d bytes, want %d", len(table), from+4*n)
	}
	for k := range n {
		e := binary.LittleEndian.Uint32(table[from+4*k:])
		if classes := p.spec.Net.Classes; int(e&0xffff) >= samples || int(e>>16) >= classes {
			return fmt.Errorf("order of samples: got sample %d of class %d, want less than %d and %d",
				e&0xffff, e>>16, samples, classes)
		}
	}
	return nil
}
