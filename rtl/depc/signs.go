package depc

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

const signWords = 4 // 64-bit words of a fill of the generator, or of an entry

// storeSigns writes an entry of the sign memory.
func (u *Unit) storeSigns(w *port.SignWrite) {
	if int(w.Entry) >= len(u.SignMem) {
		u.Fault.Raise(port.FaultParam, w.PC, uint64(isa.DEPCEntry)<<32|uint64(w.Entry))
		return
	}
	for i := range signWords {
		u.SignMem[w.Entry][i] = binary.LittleEndian.Uint64(w.Data[8*i:])
	}
	u.act.Rows[w.Tag][activity.SignWrite]++
}

// beginSigns starts the generator, or reads the first entry of the sign memory. There is a block of
// signs for every group of neurons and every 16 classes, whatever a tile is.
func (u *Unit) beginSigns(cmd *port.Cmd, in *In, out *Out) {
	u.Took, u.Got, u.NextValid = false, 0, false
	u.core.Clock(clockNext)
	blocks := uint32(u.Rows) * uint32(u.Columns)
	if cmd.Is(isa.FlagSRAM) {
		u.NextEntry, u.NextLeft = cmd.P[isa.DEPCEntry], blocks
		u.fetchSigns(cmd, in)
		return
	}
	u.NextLeft = 0
	lastClasses := u.Errors - errors.Group*(u.Columns-1)
	out.RNGStart, out.RNGSeed, out.RNGTag = true, cmd.P[isa.DEPCSeed], cmd.Tag
	out.RNGPasses, out.RNGFills = u.Columns, blocks
	out.RNGBits, out.RNGLast = errors.Group*errors.Group, errors.Group*lastClasses
}

// takeSigns loads the sign registers, a block a cycle, of the tile whose first sample is issued with
// the last of them; it reports whether they are all there.
func (u *Unit) takeSigns(cmd *port.Cmd, in *In, out *Out, took bool) bool {
	c := &u.core
	columns := min(u.columns, int(u.Columns)-u.columns*int(u.Pass))
	blocks := columns * c.TileGroups()
	from := &u.Next
	if !cmd.Is(isa.FlagSRAM) {
		from = &in.RNGReg
	}
	switch {
	case cmd.Is(isa.FlagSRAM) && u.NextValid:
		u.NextValid = false
	case !cmd.Is(isa.FlagSRAM) && in.RNGFull && !took: // took: RNGFull still tells of the fill that was taken
		u.Took, out.RNGTake = true, true
	default:
		return false
	}
	row, column := int(u.Got)/columns, int(u.Got)%columns
	classes := min(errors.Group, c.PassErrors()-errors.Group*column)
	unpack(from, classes, &u.Sign[row*u.columns+column])
	u.core.Clock(clockSign)
	if u.Got++; int(u.Got) < blocks {
		return false
	}
	u.Got = 0
	return true
}

// fetchSigns reads the next entry while the present one is worked on, but not in a cycle in which one is
// written: the memory has one port.
func (u *Unit) fetchSigns(cmd *port.Cmd, in *In) {
	if u.NextValid || u.NextLeft == 0 || in.Sign.Valid {
		return
	}
	u.Next, u.NextValid = u.SignMem[u.NextEntry], true
	u.NextEntry++
	u.NextLeft--
	u.core.Count(cmd, activity.SignRead, 1)
	u.core.Clock(clockNext)
}

// unpack deals the bits out, neuron-major and class-minor: bit t*c + i of reg becomes bit i of sign[t].
func unpack(reg *[signWords]uint64, c int, sign *block) {
	for t := range sign {
		at := t * c
		v := reg[at>>6&(signWords-1)] >> (at & 63)
		if at&63+c > 64 {
			v |= reg[(at>>6+1)&(signWords-1)] << (64 - at&63)
		}
		sign[t] = uint16(v) & uint16(1<<c-1)
	}
}
