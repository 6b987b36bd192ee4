package errors

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// beginRun starts at the first tile.
func (c *Core) beginRun(cmd *port.Cmd) {
	c.Phase = PhaseRun
	c.Rows = uint16((cmd.P[isa.DEPCNeurons] + Group - 1) / Group)
	c.Tiles = uint16((int(c.Rows) + c.Span - 1) / c.Span)
	c.Part, c.Sample, c.Pass, c.Tile, c.Settle, c.Ahead = 0, 0, 0, 0, 0, 0
	from, to := cmd.P[isa.DEPCMask], cmd.P[isa.DEPCDst]
	c.From, c.To = Walk{Base: from, At: from}, Walk{Base: to, At: to}
	c.Clock(Begin)
	c.Clock(Mask)
	c.Clock(Round)
}

// More reports whether anything is left to issue.
func (c *Core) More() bool { return c.Tile < c.Tiles }

// First reports whether a tile begins.
func (c *Core) First() bool { return c.Sample == 0 && c.Part == 0 }

// PassErrors is the number of errors of the present pass.
func (c *Core) PassErrors() int { return min(c.TileI, int(c.Errors)-c.TileI*int(c.Pass)) }

// PartErrors is the number of errors of the present part.
func (c *Core) PartErrors() int {
	return max(0, min(c.Inputs, c.PassErrors()-int(c.Part&c.inMask)*c.Inputs))
}

// PartTrees is the number of trees that work on the present part: all but those of a group that
// does not exist.
func (c *Core) PartTrees() int {
	return min(c.Neurons, Group*c.TileGroups())
}

// TileGroups is the number of groups of neurons of the present tile.
func (c *Core) TileGroups() int { return c.cols(uint16(c.Span) * c.Tile) }

// Moving reports whether anything is in the pipeline.
func (c *Core) Moving() bool { return c.S1.Valid || c.S2.Valid || c.S3.Valid }

// Issue reads the errors of the next sample, or goes on with its next part.
func (c *Core) Issue(cmd *port.Cmd) {
	if c.Part == 0 {
		c.Read(cmd, int(c.Sample), int(c.Pass))
	}
	c.S1 = Stage{
		Valid: true, First: c.Pass == 0, Last: c.Pass+1 == c.Passes, Sample: c.Sample, Part: c.Part,
	}
	if c.Part++; c.Part < c.parts {
		return
	}
	c.Part = 0
	if c.Sample++; c.Sample < c.Batch {
		return
	}
	c.Sample = 0
	if c.Pass++; c.Pass == c.Passes {
		c.Pass = 0
		c.Tile++
	}
}

// Read reads the errors of a sample and pass.
func (c *Core) Read(cmd *port.Cmd, sample, pass int) []int16 {
	at := sample*c.row + pass*c.TileI
	copy(c.E, c.EBuf[at:at+c.TileI])
	words := c.TileI / Group
	c.Count(cmd, c.kit.ERead, min(words, int(c.Columns)-words*pass))
	return c.E
}

// At is where the operands of a part lie in those of its tile: the first of its neurons, and the
// first of its errors.
func (c *Core) At(part uint8) (neuron, input int) {
	return int(part>>c.inLog) * c.Neurons, int(part&c.inMask) * c.Inputs
}

// Advance moves what stands in the last two stages: a sum goes to its group, or back to the partial
// sums; and those of the trees are added to the sums. It reports whether the other stages move, too.
// word has the f' bits of the tile; nil: they were read ahead.
func (c *Core) Advance(cmd *port.Cmd, in *In, out *Out, word *uint32) bool {
	switch s := c.S3; {
	case !s.Valid:
	case s.Last:
		return c.Put(cmd, in, out, word)
	default:
		copy(c.partial(s), c.Sum)
		c.Count(cmd, c.kit.PWrite, 1)
	}
	return true
}

// partial is where the partial sums of a sample's part lie.
func (c *Core) partial(s Stage) []int64 {
	at := int(s.Sample)*c.TileN + int(s.Part>>c.inLog)*c.Neurons
	return c.Partial[at : at+c.Neurons]
}

// Add adds the sums of the trees to those of the parts and passes before.
func Add[T int32 | int64](c *Core, cmd *port.Cmd, trees []T) {
	s, before := c.S2, c.S3
	if c.S3.Valid = false; !s.Valid {
		return
	}
	c.S3 = s
	c.S3.Valid = s.Part&c.inMask == c.inMask
	onItsWay := before.Valid && before.Sample == s.Sample && before.Part>>c.inLog == s.Part>>c.inLog
	sum := c.Sum
	trees = trees[:len(sum)]
	switch {
	case s.Part&c.inMask != 0 || onItsWay && !s.First:
		for t, v := range trees {
			sum[t] += int64(v)
		}
	case s.First:
		for t, v := range trees {
			sum[t] = int64(v)
		}
	default:
		for t, v := range c.Prev {
			sum[t] = v + int64(trees[t])
		}
	}
	c.Clock(Sum)
	if c.toggles != nil {
		c.countSums(cmd)
	}
}

// Compute moves a stage on to the one of the trees; it reports whether they add something. What the
// passes before have left is read meanwhile.
func (c *Core) Compute(cmd *port.Cmd, s *Stage) bool {
	c.S2 = *s
	s.Valid = false
	if !c.S2.Valid {
		return false
	}
	c.Clock(Tree)
	if !c.S2.First && c.S2.Part&c.inMask == 0 {
		copy(c.Prev, c.partial(c.S2))
		c.Count(cmd, c.kit.PRead, 1)
	}
	return true
}
