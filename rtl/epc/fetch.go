package epc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Blocks of 16 x 16 weights that may be on their way or wait.
const (
	buffers   = 2 // of the trees' weight memory
	turns     = 3 // corner-turn arrays: one lands, one is read out, one covers the latency of external memory
	maxBlocks = turns
)

// walk is a place in the order in which a kind uses the blocks of 16 neurons x 16 errors.
type walk struct {
	Group uint16 `bits:"13"`
	Pass  uint16 `bits:"passes"`
}

// nextPass moves on as the trees do: all passes of a group, then the next group.
func (w *walk) nextPass(passes uint16) {
	if w.Pass++; w.Pass == passes {
		w.Pass = 0
		w.Group++
	}
}

// nextInTile moves on as the lanes do: the passes of a tile, its groups, the tiles of the same neurons, the next neurons.
// It reports whether a tile ends.
func (w *walk) nextInTile(groups, passes uint16) bool {
	if w.Pass++; w.Pass%tilePasses != 0 && w.Pass < passes {
		return false
	}
	w.Pass = (w.Pass - 1) / tilePasses * tilePasses
	if w.Group++; w.Group%tileGroups != 0 && w.Group < groups {
		return false
	}
	if w.Pass += tilePasses; w.Pass < passes {
		w.Group = (w.Group - 1) / tileGroups * tileGroups
	} else {
		w.Pass = 0
	}
	return true
}

// Fetch brings blocks from external memory: sixteen bursts each, one a neuron.
type Fetch struct {
	Left    uint32 `bits:"blocks"` // blocks not yet asked for to the end
	Ask     walk   // block of the next burst
	Row     uint8  `bits:"4"` // its neuron
	Booked  uint8  `bits:"2"` // blocks asked for, landing or waiting
	Land    uint8  `bits:"2"` // block that lands
	LandRow uint8  `bits:"4"`
	Full    uint8  `bits:"2"` // blocks that wait
	Take    uint8  `bits:"2"` // the oldest of them
}

// ask requests a burst when the block has a place to land.
func (u *Unit) ask(cmd *port.Cmd, in *In, out *Out) {
	f := &u.Fetch
	if f.Left == 0 || !in.XRoom {
		return
	}
	if f.Row == 0 {
		if int(f.Booked) == u.blocks {
			return
		}
		f.Booked++
	}
	out.X.Valid, out.X.Addr, out.X.Tag = true, burstAddr(cmd, f.Ask, f.Row), cmd.Tag
	if f.Row = (f.Row + 1) % lanes; f.Row != 0 {
		return
	}
	f.Left--
	if u.kind == LaneMask {
		f.Ask.nextInTile(u.Groups, u.Passes)
	} else {
		f.Ask.nextPass(u.Passes)
	}
}

// burstAddr is where the 16 weights of a neuron of a block lie.
func burstAddr(cmd *port.Cmd, at walk, row uint8) uint32 {
	const perBlock = blockEdge / lanes
	g, p := uint32(at.Group), uint32(at.Pass)
	k, j := g%perBlock*lanes+uint32(row), p%perBlock*passWidth
	return cmd.P[isa.EPCMatrix] + g/perBlock*cmd.P[isa.EPCKStep] + p/perBlock*cmd.P[isa.EPCJStep] + 2*(k*blockEdge+j)
}

// land takes a burst that arrives.
func (u *Unit) land(cmd *port.Cmd, in *In) {
	if !in.Resp.Valid || in.Resp.Port != port.XPortEPC {
		return
	}
	f := &u.Fetch
	g := &u.Blocks[f.Land][f.LandRow%lanes]
	port.GetGroup(&in.Resp.Data, g)
	if u.kind == LaneMask {
		u.act.Rows[cmd.Tag][activity.CornerTurn]++
	} else {
		u.act.Rows[cmd.Tag][activity.EPCWWrite]++
	}
	if f.LandRow = (f.LandRow + 1) % lanes; f.LandRow == 0 {
		f.Full++
		f.Land = u.place(f.Land)
	}
}

// release frees the oldest block that waits.
func (u *Unit) release() {
	f := &u.Fetch
	f.Full--
	f.Booked--
	f.Take = u.place(f.Take)
}

// place is the landing place behind p.
func (u *Unit) place(p uint8) uint8 {
	if p++; int(p) == u.blocks {
		return 0
	}
	return p
}
