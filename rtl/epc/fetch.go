package epc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Tiles of weights that may be on their way or wait.
const (
	buffers = 2 // of the trees' weight memory
	turns   = 3 // corner-turn arrays: one lands, one is read out, one covers the latency of external memory
)

// walk is a place in the order in which a kind uses the weights: a tile of neurons and of errors.
type walk struct {
	Tile uint16 `bits:"13"`
	Pass uint16 `bits:"passes"`
}

// burst is 16 weights of a neuron of a tile.
type burst struct {
	walk
	Row uint8 `bits:"5"` // neuron
	Col uint8 `bits:"1"` // group of errors
}

// step says where a walk goes.
type step uint8

const (
	nextBurst   step = iota // of the same tile
	nextPass                // to the next errors
	nextTile                // to the next neurons, and to the first errors (lanes: of their tile)
	nextErrors              // lanes: to the next tile of errors, and to the first of the same neurons
	nextNeurons             // lanes: to the next tile of neurons
)

// Fetch brings tiles of weights from external memory.
type Fetch struct {
	Ask burst  `clk:"fetch"`           // next burst
	At  uint32 `bits:"32" clk:"fetch"` // address of its block of 64 x 64 weights
	Top uint32 `bits:"32" clk:"fetch"` // and of the block with the first errors

	Booked uint8 `bits:"2"` // tiles asked for, landing or waiting
	Land   burst // that lands
	Place  uint8 `bits:"2"` // and where
	Full   uint8 `bits:"2"` // tiles that wait
	Take   uint8 `bits:"2"` // the oldest of them
}

// beginFetch starts at the first tile.
func (u *Unit) beginFetch(cmd *port.Cmd) {
	at := cmd.P[isa.EPCMatrix]
	u.Fetch = Fetch{At: at, Top: at}
	u.core.Clock(clockFetch)
}

// next moves on as the kind does: trees make all passes of a tile of neurons, lanes go over the tiles
// as nextInTile does.
func (u *Unit) next(b *burst) step {
	s := &u.core.Shape
	if b.Col++; int(b.Col) < min(s.TileI/group, int(u.Columns)-s.TileI/group*int(b.Pass)) {
		return nextBurst
	}
	b.Col = 0
	if b.Row++; int(b.Row) < min(s.TileN, group*(int(u.Rows)-s.TileN/group*int(b.Tile))) {
		return nextBurst
	}
	b.Row = 0
	if u.kind == LaneMask {
		return u.nextInTile(&b.walk)
	}
	if b.Pass++; b.Pass < u.Passes {
		return nextPass
	}
	b.Pass = 0
	b.Tile++
	return nextTile
}

// ask requests a burst when its tile has a place to land.
func (u *Unit) ask(cmd *port.Cmd, in *In, out *Out) {
	f, s := &u.Fetch, &u.core.Shape
	if !in.XRoom || int(f.Ask.Tile)*s.TileN/group >= int(u.Rows) {
		return
	}
	if f.Ask.Row == 0 && f.Ask.Col == 0 {
		if f.Booked == u.places {
			return
		}
		f.Booked++
	}
	k := int(f.Ask.Tile)*s.TileN%blockEdge + int(f.Ask.Row)
	j := int(f.Ask.Pass)*s.TileI%blockEdge + group*int(f.Ask.Col)
	out.X.Valid, out.X.Addr, out.X.Tag = true, f.At+2*uint32(k*blockEdge+j), cmd.Tag
	u.core.Clock(clockFetch)
	switch moved := u.next(&f.Ask); moved {
	case nextPass:
		if int(f.Ask.Pass)*s.TileI%blockEdge == 0 {
			f.At += cmd.P[isa.EPCJStep]
		}
	case nextTile:
		if int(f.Ask.Tile)*s.TileN%blockEdge == 0 {
			f.Top += cmd.P[isa.EPCKStep]
		}
		f.At = f.Top
	case nextErrors, nextNeurons:
		f.Top = u.nextOrigin(cmd, moved)
		f.At = f.Top
	}
}

// land takes a burst that arrives.
func (u *Unit) land(cmd *port.Cmd, in *In) {
	if !in.Resp.Valid || in.Resp.Port != port.XPortEPC {
		return
	}
	f, s := &u.Fetch, &u.core.Shape
	at := (int(f.Place)*s.TileN+int(f.Land.Row))*s.TileI + group*int(f.Land.Col)
	port.GetGroup(&in.Resp.Data, (*port.Group)(u.Blocks[at:]))
	if u.kind == LaneMask {
		u.core.Count(cmd, activity.CornerTurn, 1)
	} else {
		u.core.Count(cmd, activity.EPCWWrite, 1)
	}
	if u.next(&f.Land) != nextBurst {
		f.Full++
		f.Place = u.place(f.Place)
	}
}

// waiting is the oldest tile that waits.
func (u *Unit) waiting() []int16 {
	n := u.core.TileN * u.core.TileI
	return u.Blocks[int(u.Fetch.Take)*n:][:n]
}

// release frees it.
func (u *Unit) release() {
	f := &u.Fetch
	f.Full--
	f.Booked--
	f.Take = u.place(f.Take)
}

// place is the landing place behind p.
func (u *Unit) place(p uint8) uint8 {
	if p++; p == u.places {
		return 0
	}
	return p
}
