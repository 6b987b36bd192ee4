package asm

import (
	"math"

	"bdfasim/isa/image"
)

// note handles .note name, version, "text", ...: the texts go behind each other, and behind those
// of earlier directives of that name.
func (a *assembler) note(c *cursor, _ pos) {
	name := c.name()
	c.expect(',')
	version, col := a.known(c)
	within(col, "note version", version, 0, math.MaxUint32)
	n, known := a.img.Note(name)
	switch {
	case known && n.Version != uint32(version):
		fail(col, "note %s: got version %d, want %d as above", name, version, n.Version)
	case !known && len(a.img.Notes) == image.MaxNotes:
		fail(col, "notes: got more than %d", image.MaxNotes)
	case !known:
		a.img.Notes = append(a.img.Notes, image.Note{Name: name, Version: uint32(version)})
		n = &a.img.Notes[len(a.img.Notes)-1]
	}
	for c.accept(',') {
		if n.Data = append(n.Data, c.text()...); len(n.Data) > image.MaxNoteBytes {
			fail(c.i, "note %s: got more than %d bytes", name, image.MaxNoteBytes)
		}
	}
}
