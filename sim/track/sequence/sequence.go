package sequence

import (
	"fmt"
	"image"
)

// Sequence is a row of pictures of one size.
type Sequence struct {
	Name          string
	Width, Height int
	First         int   // number of the first picture
	Truth         []Box // one a picture; those without an area are not known, the first one is

	picture func(i int) (*image.RGBA, error)
}

// Len is the number of pictures.
func (s *Sequence) Len() int { return len(s.Truth) }

// Picture returns a picture, from 0. The caller may not change it.
func (s *Sequence) Picture(i int) (*image.RGBA, error) {
	if i < 0 || i >= s.Len() {
		return nil, fmt.Errorf("sequence %s: picture: got %d, want 0..%d", s.Name, i, s.Len()-1)
	}
	return s.picture(i)
}

// Cut returns the sequence with its first n pictures.
func (s *Sequence) Cut(n int) *Sequence {
	c := *s
	c.Truth = s.Truth[:min(max(n, 1), s.Len())]
	return &c
}
