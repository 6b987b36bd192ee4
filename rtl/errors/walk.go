package errors

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Walk is a place in the order in which a run goes over its groups of neurons: those of a tile
// innermost, then sample, then tile. Addresses are made by additions.
type Walk struct {
	Base   uint32 `bits:"32"` // address of the tile's first group of sample 0
	At     uint32 `bits:"32"` // and of the present sample
	Tile   uint16 `bits:"13"` // first group of the tile
	Col    uint8  `bits:"6"`  // group within
	Sample uint8  `bits:"5"`
	Pass   uint16 `bits:"passes"` // where every pass goes over the tile
}

// step goes to the next group: step and rowStep are from group to group and from sample to sample.
func (w *Walk) step(c *Core, step, rowStep uint32, passes uint16) {
	if w.Col++; int(w.Col) < c.cols(w.Tile) {
		return
	}
	w.Col = 0
	w.At += rowStep
	if w.Sample++; w.Sample < c.Batch {
		return
	}
	w.Sample = 0
	if w.Pass++; w.Pass < passes {
		w.At = w.Base
		return
	}
	w.Pass = 0
	w.Base += step * uint32(c.Span)
	w.At = w.Base
	w.Tile += uint16(c.Span)
}

// cols is the number of groups of the tile that begins with a group.
func (c *Core) cols(tile uint16) int { return min(c.Span, int(c.Rows)-int(tile)) }

// Exist has a 1 for each neuron of a group that exists.
func (c *Core) Exist(cmd *port.Cmd, group uint16) uint16 {
	if rest := cmd.P[isa.DEPCNeurons] - Group*uint32(group); rest < Group {
		return 1<<rest - 1
	}
	return 1<<Group - 1
}

// ReadMask takes f' bits that arrive and asks for the next ones.
func (c *Core) ReadMask(cmd *port.Cmd, in *In, out *Out) {
	if cmd.Is(isa.FlagAll) {
		return
	}
	if out.Mask.Valid {
		if !in.Mask.Valid {
			return
		}
		c.Words[c.Ahead] = in.Mask.Data & c.Exist(cmd, c.From.Tile+uint16(c.From.Col))
		c.Ahead++
		c.Count(cmd, activity.MaskRead, 1)
		passes := uint16(1)
		if c.again {
			passes = c.Passes
		}
		c.From.step(c, 1, cmd.P[isa.DEPCMStep], passes)
		c.Clock(Mask)
	}
	out.Mask.Valid = c.From.Tile < c.Rows && int(c.Ahead) < len(c.Words)
	if out.Mask.Valid {
		out.Mask.Addr = c.From.At + uint32(c.From.Col)
		c.Clock(Mask)
	}
}

// HasMask reports whether the f' bits of so many groups are there.
func (c *Core) HasMask(cmd *port.Cmd, groups int) bool {
	return cmd.Is(isa.FlagAll) || int(c.Ahead) >= groups
}

// TakeMask returns the f' bits of a group, the next ones in order; with last it goes on to those
// behind.
func (c *Core) TakeMask(cmd *port.Cmd, group uint16, last bool) uint16 {
	if cmd.Is(isa.FlagAll) {
		return c.Exist(cmd, group)
	}
	word := c.Words[0]
	if last {
		copy(c.Words, c.Words[1:])
		c.Ahead--
		c.Clock(Mask)
	}
	return word
}
