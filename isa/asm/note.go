package asm

import (
	"math"

	"bdfasim/isa/image"
)

// note handles .note name, version, "text", ...: the texts go behind each other, and behind those
// of earlier directives of that name.
func (a *assembler) note(c *cursor, _ pos) error {
	name, err := c.name()
	if err != nil {
		return err
	}
	if err := c.expect(','); err != nil {
		return err
	}
	c.skip()
	col := c.i
	version, err := a.known(c)
	if err != nil {
		return err
	}
	n, known := a.img.Note(name)
	switch {
	case version < 0 || version > math.MaxUint32:
		return failf(col, "note version: got %d, want 0..%d", version, uint32(math.MaxUint32))
	case known && n.Version != uint32(version):
		return failf(col, "note %s: got version %d, want %d as above", name, version, n.Version)
	case !known && len(a.img.Notes) == image.MaxNotes:
		return failf(col, "notes: got more than %d", image.MaxNotes)
	case !known:
		a.img.Notes = append(a.img.Notes, image.Note{Name: name, Version: uint32(version)})
		n = &a.img.Notes[len(a.img.Notes)-1]
	}
	for c.accept(',') {
		text, err := c.text()
		if err != nil {
			return err
		}
		if n.Data = append(n.Data, text...); len(n.Data) > image.MaxNoteBytes {
			return failf(c.i, "note %s: got more than %d bytes", name, image.MaxNoteBytes)
		}
	}
	return nil
}
