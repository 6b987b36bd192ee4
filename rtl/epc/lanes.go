package epc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

const (
	tilePasses = blockEdge / group // groups of a tile of errors
	tileErrors = blockEdge
)

// Mode is what the lanes do.
type Mode uint8

// The modes.
const (
	ModeStream Mode = iota // an error or a swap a cycle
	ModeClose              // the last row goes back to the partial-sum memory
	ModeDrain              // 16 sums a cycle go to the rounding
	ModeDone               // no tile of neurons is left
)

// noRow marks lanes without a row of partial sums.
const noRow = 0x3f

// rowAt names a sample in a tile: what a swap brings.
type rowAt struct {
	Tile   uint16 `bits:"13"`    // of neurons
	Block  uint8  `bits:"tiles"` // of errors
	Sample uint8  `bits:"6"`
}

// LaneState is what LaneMask has. The lanes' registers of partial sums and weights are not among it:
// sums are added in place, and the lanes are clocked, and priced, with each product.
type LaneState struct {
	At   rowAt  `clk:"lane"`               // of the errors in E
	Pass uint16 `bits:"passes" clk:"lane"` // of E
	Left uint16 `bits:"16" clk:"lane"`     // errors of E to come
	Mode Mode   `bits:"2" clk:"lane"`
	Late bool   `bits:"1" clk:"lane"` // the last products are added up

	Row     uint8    `bits:"6" clk:"lane"`  // sample whose sums are in the lanes
	Touched uint32   `bits:"32" clk:"lane"` // samples of the tile that have sums
	Mask    []uint16 `bits:"16" clk:"row"`  // f' of Row
	Next    rowAt    // whose f' are read ahead
	NextN   uint8    `bits:"7"` // words that are read
	NextEnd bool     `bits:"1"` // no swap will come
	NextF   []uint16 `bits:"16" clk:"ahead" each:"1"`

	Sample uint8 `bits:"5" clk:"lane"` // next to drain
	Group  uint8 `bits:"6" clk:"lane"`

	// Addresses of blocks of weights: of the first of the same errors, and of the same neurons.
	Origin uint32 `bits:"32" clk:"fetch"`
	First  uint32 `bits:"32" clk:"fetch"`

	Fill    walk  // tile whose columns are written
	Column  uint8 `bits:"4"`
	FillBuf uint8 `bits:"1"`
	Full    uint8 `bits:"2"` // tiles that are complete and not used up
	Buf     uint8 `bits:"1"` // the oldest of them

	NonZero []uint8 `bits:"8" clk:"flags" each:"1"` // bit p of a sample: pass p has an error that is not 0

	Tiles []int16 `mem:"EPCW"` // the weight memory: [buffer][error][lane]
}

func (u *Unit) newLanes(s errors.Shape, w port.Widths) {
	u.tileGroups = s.Span
	l := &u.Lanes
	l.Mask, l.NextF = make([]uint16, s.Span), make([]uint16, s.Span)
	l.NonZero = make([]uint8, errors.MaxBatch*u.flagBytes())
	l.Tiles = make([]int16, 2*tileErrors*group*s.Span)
	w["tiles"] = bits.Len(uint(max(s.Capacity, 1024)+tileErrors-1) / tileErrors)
}

// flagBytes is the number of bytes of flags of a sample.
func (u *Unit) flagBytes() int { return (u.core.Capacity/group + 7) / 8 }

// flag notes whether a group of errors that was loaded has one that is not 0.
func (u *Unit) flag(cmd *port.Cmd, sample, pass int, g []int16) {
	flags := &u.Lanes.NonZero[sample*u.flagBytes()+pass/8]
	if pass%8 == 0 {
		*flags = 0
	}
	if nonZeros(g) > 0 {
		*flags |= 1 << (pass % 8)
	}
	u.core.Count(cmd, activity.ClockEPC+clockFlags, 1)
}

// passes has a bit for each pass of a tile in which a sample has an error that is not 0.
func (u *Unit) passes(sample int, block uint8) uint8 {
	flags := u.Lanes.NonZero[sample*u.flagBytes()+int(block)/2]
	return flags >> (tilePasses * (block & 1)) & (1<<tilePasses - 1)
}

// sums are those of a sample in the tile of neurons.
func (u *Unit) sums(sample uint8) []int64 {
	n := group * u.tileGroups
	return u.Partial[int(sample)*n:][:n]
}

// nextInTile moves on as the lanes do: the passes of a tile, its groups, the tiles of the same
// neurons, the next neurons.
func (u *Unit) nextInTile(w *walk) step {
	tile := uint16(u.tileGroups)
	if w.Pass++; w.Pass%tilePasses != 0 && w.Pass < u.Passes {
		return nextPass
	}
	w.Pass = (w.Pass - 1) / tilePasses * tilePasses
	if w.Tile++; w.Tile%tile != 0 && w.Tile < u.Rows {
		return nextTile
	}
	if w.Pass += tilePasses; w.Pass < u.Passes {
		w.Tile = (w.Tile - 1) / tile * tile
		return nextErrors
	}
	w.Pass = 0
	return nextNeurons
}

// nextOrigin is the address of the first block of the next tile.
func (u *Unit) nextOrigin(cmd *port.Cmd, to step) uint32 {
	s := &u.Lanes
	if s.Origin += cmd.P[isa.EPCJStep]; to == nextNeurons {
		s.First += cmd.P[isa.EPCKStep] * uint32(u.tileGroups*group/blockEdge)
		s.Origin = s.First
	}
	return s.Origin
}

// beginLanes finds the first errors and the first row.
func (u *Unit) beginLanes(cmd *port.Cmd) {
	s := &u.Lanes
	*s = LaneState{
		Row: noRow, Mask: s.Mask, NextF: s.NextF, NonZero: s.NonZero, Tiles: s.Tiles,
		Origin: cmd.P[isa.EPCMatrix], First: cmd.P[isa.EPCMatrix],
	}
	u.core.Clock(clockLane)
	u.seek(cmd, 0, 0)
	s.Next.Sample = ^uint8(0) // before the first
	u.advance()
}

// lanes is a cycle of a run of LaneMask.
func (u *Unit) lanes(cmd *port.Cmd, in *In, out *Out) {
	s, all := &u.Lanes, ^uint32(0) // lanes without f' hold 0
	moved := u.S3.Valid
	if moved && !u.core.Put(cmd, &in.In, &out.Out, &all) {
		return
	}
	u.S3.Valid = false
	switch s.Mode {
	case ModeStream:
		u.stream(cmd, out)
		return
	case ModeClose:
		if s.Late = u.products && !s.Late; !s.Late {
			u.putRow(cmd)
			s.Mode = ModeDrain
		}
	case ModeDrain:
		u.drain(cmd)
	default:
		if !moved {
			u.core.Finish(cmd, &in.In, &out.Out)
		}
		return
	}
	u.core.Clock(clockLane)
}

// stream takes one error, or swaps the row of sums, or passes a tile whose errors are all 0.
func (u *Unit) stream(cmd *port.Cmd, out *Out) {
	s := &u.Lanes
	switch {
	case s.Full == 0:
		out.Status = activity.WaitMemory
		return
	case s.Left == 0:
		u.endTile(cmd)
	case s.Row != s.At.Sample:
		if !cmd.Is(isa.FlagAll) && int(s.NextN) < u.groups(s.At.Tile) {
			out.Status = activity.WaitOperand
			return
		}
		u.swap(cmd)
	default:
		i := bits.TrailingZeros16(s.Left)
		s.Left &= s.Left - 1
		u.mac(cmd, i)
		if s.Left == 0 && !u.seek(cmd, int(s.At.Sample), int(s.Pass)%tilePasses+1) {
			u.endTile(cmd)
		}
	}
	u.core.Clock(clockLane)
}

// groups is the number of groups of a tile of neurons.
func (u *Unit) groups(tile uint16) int {
	return min(u.tileGroups, int(u.Rows)-u.tileGroups*int(tile))
}

// endBlock goes to the next tile of errors, and reports whether that is the first one again: of the next neurons.
func (u *Unit) endBlock(at *rowAt) bool {
	if at.Block++; tilePasses*uint16(at.Block) < u.Passes {
		return false
	}
	at.Block = 0
	return true
}

// seek reads the next 16 errors of the tile of which one is not 0, from a sample and a pass of the tile on; it reports
// whether there are any.
func (u *Unit) seek(cmd *port.Cmd, sample, pass int) bool {
	s := &u.Lanes
	for ; sample < int(u.Batch); sample, pass = sample+1, 0 {
		left := u.passes(sample, s.At.Block) >> pass << pass
		if left == 0 {
			continue
		}
		s.At.Sample, s.Pass = uint8(sample), tilePasses*uint16(s.At.Block)+uint16(bits.TrailingZeros8(left))
		for i, v := range u.core.Read(cmd, sample, int(s.Pass)) {
			if v != 0 {
				s.Left |= 1 << i
			}
		}
		return true
	}
	return false
}

// endTile releases a tile of weights and goes on to the next one, in which it finds the first errors.
func (u *Unit) endTile(cmd *port.Cmd) {
	s := &u.Lanes
	s.Full--
	s.Buf ^= 1
	if u.endBlock(&s.At) {
		s.Mode = ModeClose
		if s.At.Tile+1 >= u.State.Tiles {
			return
		}
	}
	u.seek(cmd, 0, 0)
}

// swap brings the sums and f' bits of another sample into the lanes. Sums that nothing was added to yet start at 0.
func (u *Unit) swap(cmd *port.Cmd) {
	s := &u.Lanes
	u.putRow(cmd)
	s.Row = s.At.Sample
	n := u.groups(s.At.Tile)
	for g := range n {
		s.Mask[g] = s.NextF[g]
		if cmd.Is(isa.FlagAll) {
			s.Mask[g] = u.core.Exist(cmd, uint16(u.tileGroups)*s.At.Tile+uint16(g))
		}
	}
	u.core.Clock(clockRow)
	u.advance()
	if s.Touched>>s.Row&1 == 1 {
		u.core.Count(cmd, activity.EPCPRead, n)
		return
	}
	s.Touched |= 1 << s.Row
	clear(u.sums(s.Row))
}

// putRow writes the row in the lanes back.
func (u *Unit) putRow(cmd *port.Cmd) {
	if s := &u.Lanes; s.Row != noRow {
		u.core.Count(cmd, activity.EPCPWrite, u.groups(s.At.Tile))
		s.Row = noRow
	}
}

// mac multiplies error i of E with its row of weights in all lanes whose f' is 1.
func (u *Unit) mac(cmd *port.Cmd, i int) {
	s := &u.Lanes
	x, on := int64(u.E[i]), 0
	w := u.weights(s.Buf, int(s.Pass)%tilePasses*group+i)
	n := u.groups(s.At.Tile)
	if u.toggles != nil {
		u.countLanes(cmd, x, w, n)
	}
	sums := u.sums(s.Row)
	for g, word := range s.Mask[:n] {
		if word == 0 {
			continue
		}
		on += bits.OnesCount16(word)
		acc := (*[group]int64)(sums[group*g:])
		for l, v := range (*[group]int16)(w[group*g:]) {
			acc[l] += x * int64(v) & -int64(word>>l&1)
		}
	}
	u.core.Count(cmd, activity.EPCMul, on)
	if u.products {
		u.core.Count(cmd, activity.ClockEPC+clockProduct, on)
	}
	u.core.Count(cmd, activity.EPCWRead, n)
}

// weights are those of an error of a tile.
func (u *Unit) weights(buf uint8, e int) []int16 {
	n := group * u.tileGroups
	return u.Lanes.Tiles[(int(buf)*tileErrors+e)*n:][:n]
}

// drain reads 16 sums of a sample for the rounding.
func (u *Unit) drain(cmd *port.Cmd) {
	s := &u.Lanes
	u.S3 = errors.Stage{Valid: true}
	u.core.Clock(errors.Sum)
	if s.Touched>>s.Sample&1 == 1 {
		copy(u.Sum, u.sums(s.Sample)[group*int(s.Group):])
		u.core.Count(cmd, activity.EPCPRead, 1)
	} else {
		clear(u.Sum)
	}
	if s.Group++; int(s.Group) < u.groups(s.At.Tile) {
		return
	}
	s.Group = 0
	if s.Sample++; s.Sample < u.Batch {
		return
	}
	s.Sample, s.Touched, s.Mode = 0, 0, ModeStream
	if s.At.Tile++; s.At.Tile >= u.State.Tiles {
		s.Mode = ModeDone
	}
}

// advance finds the sample of the next swap: the next one with an error that is not 0 in its tile, but not the same one
// again while its sums stay in the lanes.
func (u *Unit) advance() {
	s := &u.Lanes
	at := s.Next
	s.NextN = 0
	for {
		if at.Sample++; at.Sample >= u.Batch {
			at.Sample = 0
			if u.endBlock(&at) {
				if at.Tile++; at.Tile >= u.State.Tiles {
					s.Next, s.NextEnd = rowAt{}, true
					return
				}
			}
		}
		same := at.Tile == s.Next.Tile && at.Sample == s.Next.Sample
		if !same && u.passes(int(at.Sample), at.Block) != 0 {
			s.Next = at
			return
		}
	}
}

// fetchRow takes a word of the f' bits of the sample of the next swap, and asks for another.
func (u *Unit) fetchRow(cmd *port.Cmd, in *In, out *Out) {
	s := &u.Lanes
	if cmd.Is(isa.FlagAll) {
		return
	}
	if out.Mask.Valid {
		if !in.Mask.Valid {
			return
		}
		s.NextF[s.NextN] = in.Mask.Data & u.core.Exist(cmd, uint16(u.tileGroups)*s.Next.Tile+uint16(s.NextN))
		s.NextN++
		u.core.Count(cmd, activity.MaskRead, 1)
		u.core.Count(cmd, activity.ClockEPC+clockAhead, 1)
	}
	out.Mask.Valid = !s.NextEnd && int(s.NextN) < u.groups(s.Next.Tile)
	if out.Mask.Valid {
		first := cmd.P[isa.EPCMask] + uint32(s.Next.Sample)*cmd.P[isa.EPCMStep]
		out.Mask.Addr = first + uint32(u.tileGroups)*uint32(s.Next.Tile) + uint32(s.NextN)
		u.core.Clock(errors.Mask)
	}
}

// column writes 16 weights of one error, a column of the oldest tile that landed, into the tile of the
// lanes that is being filled.
func (u *Unit) column(cmd *port.Cmd, free bool) {
	s := &u.Lanes
	if u.Fetch.Full == 0 || !free {
		return
	}
	from := u.waiting()
	w := u.weights(s.FillBuf, int(s.Fill.Pass)%tilePasses*group+int(s.Column))
	to := (*[group]int16)(w[group*(int(s.Fill.Tile)%u.tileGroups):])
	for k := range to {
		to[k] = from[group*k+int(s.Column)]
	}
	u.core.Count(cmd, activity.EPCWWrite, 1)
	if s.Column = (s.Column + 1) % group; s.Column != 0 {
		return
	}
	u.release()
	if u.nextInTile(&s.Fill) >= nextErrors {
		s.Full++
		s.FillBuf ^= 1
	}
}
