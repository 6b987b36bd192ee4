package norm

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// Kind says what a step of a walk moves.
type Kind uint8

// The kinds. Each step reads at most one burst and writes at most one.
const (
	KindMap  Kind = iota // a group of a pixel at full size, or half a record
	KindPos              // positions of 64 channels of a pooled pixel
	KindErr              // errors of a group: of the pooled pixel (back), or behind the normalisation (grad)
	KindZero             // a group that is written without reading
)

// Shape is what the walks need to know of a command.
type Shape struct {
	Op             isa.Op `bits:"8"`
	BN             bool   `bits:"1"`
	Images         uint8  `bits:"6"`
	Pool           uint8  `bits:"2"`  // edge of a cell
	H, W           uint16 `bits:"12"` // map at full size
	CellsY, CellsX uint16 `bits:"12"` // cells visited, the cut ones at the far edges among them (back)
	RowsY, RowsX   uint16 `bits:"12"` // cells that are windows: the pooled map
	Groups         uint16 `bits:"13"` // bursts of a pixel
	Chan           uint16 `bits:"12"`
}

// shape derives a command's shape from its parameters. Sums and gradients have cells of one pixel,
// so that the order is that of the map; records are one pixel of two bursts a channel.
func shape(c *port.Cmd) Shape {
	s := Shape{Op: c.Op, BN: c.Is(isa.FlagBN), Images: uint8(c.P[isa.NormNB]), Pool: 1, Chan: uint16(c.P[isa.NormChan])}
	s.H, s.W = uint16(c.P[isa.NormH]), uint16(c.P[isa.NormW])
	s.Groups = (s.Chan + Lanes - 1) / Lanes
	switch c.Op {
	case isa.OpNormLoad, isa.OpNormStore:
		s.Images, s.H, s.W, s.Groups = 1, 1, 1, 2*s.Chan
	case isa.OpNormFwd, isa.OpNormBack:
		s.Pool = uint8(c.P[isa.NormPool])
	}
	p := uint16(s.Pool)
	s.RowsY, s.RowsX = s.H/p, s.W/p
	s.CellsY, s.CellsX = s.RowsY, s.RowsX
	if c.Op == isa.OpNormBack {
		s.CellsY, s.CellsX = (s.H+p-1)/p, (s.W+p-1)/p
	}
	return s
}

// Walk is a place in the order of work: image, row and column of cells, row and column in the cell,
// group, kind. The request side and the lanes take the same walk, one behind the other.
type Walk struct {
	End    bool   `bits:"1"`
	Kind   Kind   `bits:"2"`
	Exists bool   `bits:"1"` // the cell is a window: it has a pooled pixel
	Last   bool   `bits:"1"` // the window's last pixel
	Place  uint8  `bits:"4"` // place in the window
	Image  uint8  `bits:"5"`
	DY, DX uint8  `bits:"2"`
	Y, X   uint16 `bits:"12"`
	Group  uint16 `bits:"12"`
	Pixel  uint32 `bits:"27"` // index of the pixel in the maps at full size
	Cell   uint32 `bits:"27"` // index of the pixel in the pooled maps
}

// begin puts a walk at its start.
func (w *Walk) begin(s *Shape) {
	*w = Walk{}
	w.place(s)
	w.open(s)
}

// place derives what follows from the counters.
func (w *Walk) place(s *Shape) {
	p := uint32(s.Pool)
	w.Exists = w.Y < s.RowsY && w.X < s.RowsX
	w.Last = w.DY == s.Pool-1 && w.DX == s.Pool-1
	w.Place = w.DY*s.Pool + w.DX
	y, x := uint32(w.Y)*p+uint32(w.DY), uint32(w.X)*p+uint32(w.DX)
	w.Pixel = (uint32(w.Image)*uint32(s.H)+y)*uint32(s.W) + x
}

// open chooses the first kind of a group.
func (w *Walk) open(s *Shape) {
	switch s.Op {
	case isa.OpNormStore:
		w.Kind = KindZero
	case isa.OpNormGrad:
		w.Kind = KindErr
	case isa.OpNormBack:
		switch {
		case !w.Exists || w.Place != 0:
			w.body(s)
		case w.Group%blockGroups == 0:
			w.Kind = KindPos
		default:
			w.Kind = KindErr
		}
	default:
		w.Kind = KindMap
	}
}

// body is the step of norm.back that writes.
func (w *Walk) body(s *Shape) {
	w.Kind = KindZero
	if s.BN && w.Exists {
		w.Kind = KindMap
	}
}

// next goes to the next step.
func (w *Walk) next(s *Shape) {
	switch s.Op {
	case isa.OpNormFwd:
		if w.Kind == KindMap && w.Last && (w.Group%blockGroups == blockGroups-1 || w.Group == s.Groups-1) {
			w.Kind = KindPos
			return
		}
	case isa.OpNormGrad:
		if w.Kind == KindErr {
			w.Kind = KindMap
			return
		}
	case isa.OpNormBack:
		if w.Kind == KindPos {
			w.Kind = KindErr
			return
		}
		if w.Kind == KindErr {
			w.body(s)
			return
		}
	}
	if w.Group++; w.Group == s.Groups {
		w.Group = 0
		w.nextPixel(s)
	}
	w.open(s)
}

// nextPixel goes to the next pixel of the cell, or the next cell. Cells at the far edges may be
// cut.
func (w *Walk) nextPixel(s *Shape) {
	p := uint16(s.Pool)
	if w.DX++; uint16(w.DX) == min(p, s.W-w.X*p) {
		w.DX = 0
		if w.DY++; uint16(w.DY) == min(p, s.H-w.Y*p) {
			w.DY = 0
			w.nextCell(s)
		}
	}
	w.place(s)
}

func (w *Walk) nextCell(s *Shape) {
	if w.Exists {
		w.Cell++
	}
	if w.X++; w.X < s.CellsX {
		return
	}
	w.X = 0
	if w.Y++; w.Y < s.CellsY {
		return
	}
	w.Y = 0
	if w.Image++; w.Image == s.Images {
		w.End = true
	}
}

// reads reports whether the step reads a burst.
func (w *Walk) reads(s *Shape) bool {
	return w.Kind == KindMap || w.Kind == KindErr || w.Kind == KindPos && s.Op == isa.OpNormBack
}

// full, pooled and positions are the offsets of a step's burst in the three kinds of maps.
func (w *Walk) full(s *Shape) uint32 {
	return (w.Pixel*uint32(s.Groups) + uint32(w.Group)) * port.BurstBytes
}

func (w *Walk) pooled(s *Shape) uint32 {
	return (w.Cell*uint32(s.Groups) + uint32(w.Group)) * port.BurstBytes
}

func (w *Walk) positions(s *Shape) uint32 {
	return (w.Cell*uint32(blocks(s.Groups)) + uint32(w.Group/blockGroups)) * port.BurstBytes
}

// source is the address that a step reads.
func (w *Walk) source(s *Shape, c *port.Cmd) uint32 {
	switch {
	case s.Op == isa.OpNormLoad:
		return c.P[isa.NormRec] + w.full(s)
	case w.Kind == KindPos:
		return c.P[isa.NormPos] + w.positions(s)
	case w.Kind == KindMap:
		return c.P[isa.NormSrc] + w.full(s)
	case s.Op == isa.OpNormBack:
		return c.P[isa.NormAux] + w.pooled(s)
	}
	return c.P[isa.NormAux] + w.full(s)
}

// blocks is the number of bursts of positions of a pixel.
func blocks(groups uint16) uint16 { return (groups + blockGroups - 1) / blockGroups }
