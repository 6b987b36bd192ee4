package epc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// beginLanes finds the first errors and the first row.
func (u *Unit) beginLanes(cmd *port.Cmd) {
	s := &u.Lanes
	*s = LaneState{Row: noRow}
	u.seek(cmd, 0, 0)
	s.Next.Sample = ^uint8(0) // before the first
	u.advance()
	u.fetchMask(cmd)
}

// lanes is a cycle of a run of LaneMask. It reports whether registers were clocked.
func (u *Unit) lanes(cmd *port.Cmd, in *In, out *Out) bool {
	if u.S3.Valid && !room(cmd, in) {
		out.Status = activity.WaitDrain
		return false
	}
	moved := u.S3.Valid
	if moved {
		u.write(cmd, out, 1<<lanes-1) // lanes without f' hold 0
	}
	u.S3.Valid = false
	out.Status = activity.Busy
	switch u.Lanes.Mode {
	case ModeStream:
		return u.stream(cmd, out) || moved
	case ModeClose:
		u.putRow(cmd)
		u.Lanes.Mode = ModeDrain
	case ModeDrain:
		u.drain(cmd)
	default:
		if !moved {
			u.finish(cmd, in, out)
		}
		return moved
	}
	return true
}

// stream takes one error, or swaps the row of sums, or passes a tile whose errors are all 0.
func (u *Unit) stream(cmd *port.Cmd, out *Out) bool {
	s := &u.Lanes
	switch {
	case s.Full == 0:
		out.Status = activity.WaitMemory
		return false
	case s.Left == 0:
		u.endTile(cmd)
	case s.Row != s.At.Sample:
		if !cmd.Is(isa.FlagAll) && int(s.NextN) < u.tileGroups(s.At.Tile) {
			out.Status = activity.WaitOperand
			return false
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
	return true
}

// tileGroups is the number of groups of a tile of neurons.
func (u *Unit) tileGroups(tile uint16) int {
	return min(tileGroups, int(u.Groups)-tileGroups*int(tile))
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
		left := u.NonZero[sample][s.At.Block] >> pass << pass
		if left == 0 {
			continue
		}
		s.At.Sample, s.Pass = uint8(sample), tilePasses*uint16(s.At.Block)+uint16(bits.TrailingZeros8(left))
		u.E = u.EBuf[sample*u.columns+int(s.Pass)]
		for i, v := range u.E {
			if v != 0 {
				s.Left |= 1 << i
			}
		}
		u.act.Rows[cmd.Tag][activity.EPCERead]++
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
		if tileGroups*(s.At.Tile+1) >= u.Groups {
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
	n := u.tileGroups(s.At.Tile)
	for g := range n {
		s.Mask[g] = s.NextF[g]
		if cmd.Is(isa.FlagAll) {
			s.Mask[g] = u.word(cmd, s.Row, tileGroups*s.At.Tile+uint16(g))
		}
	}
	u.advance()
	if s.Touched>>s.Row&1 == 1 {
		u.act.Rows[cmd.Tag][activity.EPCPRead] += uint64(n)
		return
	}
	s.Touched |= 1 << s.Row
	clear(u.Partial[tileGroups*int(s.Row):][:tileGroups])
}

// putRow writes the row in the lanes back.
func (u *Unit) putRow(cmd *port.Cmd) {
	if s := &u.Lanes; s.Row != noRow {
		u.act.Rows[cmd.Tag][activity.EPCPWrite] += uint64(u.tileGroups(s.At.Tile))
		s.Row = noRow
	}
}

// mac multiplies error i of E with its row of weights in all lanes whose f' is 1.
func (u *Unit) mac(cmd *port.Cmd, i int) {
	s := &u.Lanes
	x, on := int64(u.E[i]), 0
	w := &u.Tiles[s.Buf][int(s.Pass)%tilePasses*passWidth+i]
	n := u.tileGroups(s.At.Tile)
	if u.toggles != nil {
		u.countLanes(cmd, x, w, n)
	}
	for g := range n {
		word := s.Mask[g]
		if word == 0 {
			continue
		}
		on += bits.OnesCount16(word)
		acc := &u.Partial[tileGroups*int(s.Row)+g]
		for l, v := range (*[lanes]int16)(w[lanes*g:]) {
			acc[l] += x * int64(v) & -int64(word>>l&1)
		}
	}
	row := &u.act.Rows[cmd.Tag]
	row[activity.EPCMul] += uint64(on)
	row[activity.EPCWRead] += uint64(n)
}

// drain reads 16 sums of a sample for the rounding.
func (u *Unit) drain(cmd *port.Cmd) {
	s := &u.Lanes
	u.S3 = Stage{Valid: true, Sample: s.Sample, Group: tileGroups*s.At.Tile + uint16(s.Group)}
	if s.Touched>>s.Sample&1 == 1 {
		u.Sum = u.Partial[tileGroups*int(s.Sample)+int(s.Group)]
		u.act.Rows[cmd.Tag][activity.EPCPRead]++
	} else {
		u.Sum = [lanes]int64{}
	}
	if s.Group++; int(s.Group) < u.tileGroups(s.At.Tile) {
		return
	}
	s.Group = 0
	if s.Sample++; s.Sample < u.Batch {
		return
	}
	s.Sample, s.Touched, s.Mode = 0, 0, ModeStream
	if s.At.Tile++; tileGroups*s.At.Tile >= u.Groups {
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
				if at.Tile++; tileGroups*at.Tile >= u.Groups {
					s.Next, s.NextEnd = rowAt{}, true
					return
				}
			}
		}
		same := at.Tile == s.Next.Tile && at.Sample == s.Next.Sample
		if !same && u.NonZero[at.Sample][at.Block] != 0 {
			s.Next = at
			return
		}
	}
}

// fetchMask reads a word of the f' bits of the sample of the next swap.
func (u *Unit) fetchMask(cmd *port.Cmd) {
	s := &u.Lanes
	if s.NextEnd || cmd.Is(isa.FlagAll) || int(s.NextN) == u.tileGroups(s.Next.Tile) {
		return
	}
	s.NextF[s.NextN] = u.word(cmd, s.Next.Sample, tileGroups*s.Next.Tile+uint16(s.NextN))
	s.NextN++
}

// column writes 16 weights of one error, a column of the oldest block that landed, into the tile that is being filled.
func (u *Unit) column(cmd *port.Cmd, free bool) {
	s := &u.Lanes
	if u.Fetch.Full == 0 || !free {
		return
	}
	block := &u.Blocks[u.Fetch.Take]
	w := &u.Tiles[s.FillBuf][s.Fill.Pass%tilePasses*passWidth+uint16(s.Column)]
	to := (*[lanes]int16)(w[lanes*(s.Fill.Group%tileGroups):])
	for k := range to {
		to[k] = block[k][s.Column]
	}
	u.act.Rows[cmd.Tag][activity.EPCWWrite]++
	if s.Column = (s.Column + 1) % passWidth; s.Column != 0 {
		return
	}
	u.release()
	if s.Fill.nextInTile(u.Groups, u.Passes) {
		s.Full++
		s.FillBuf ^= 1
	}
}
