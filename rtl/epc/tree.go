package epc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// trees is a cycle of a run of Tree and TreeGate. It reports whether registers were clocked.
func (u *Unit) trees(cmd *port.Cmd, in *In, out *Out) bool {
	if u.S3.Valid && !room(cmd, in) {
		out.Status = activity.WaitDrain
		return false
	}
	s := &u.Trees
	moved := s.S1.Valid || s.S2.Valid || u.S3.Valid
	if u.S3.Valid {
		u.write(cmd, out, u.writeMask(cmd))
	}
	u.S3.Valid = false
	if s.S2.Valid {
		u.accumulate(cmd)
	}
	s.S2 = s.S1
	if s.S1.Valid {
		word := uint16(1<<lanes - 1)
		if u.kind == TreeGate {
			word = u.Gate.M1
		}
		multiply(&u.E, &s.W, word, &s.Out)
		if u.toggles != nil {
			u.countTrees(cmd, word)
		}
		u.Gate.M2 = u.Gate.M1
	}
	s.S1.Valid = false
	switch {
	case u.Group < u.Groups:
		moved = u.issue(cmd, out) || moved
	case moved:
		out.Status = activity.Busy
	default:
		u.finish(cmd, in, out)
	}
	return moved
}

// issue reads the errors of the next sample, and with the first sample of a group and pass its weights.
func (u *Unit) issue(cmd *port.Cmd, out *Out) bool {
	row := &u.act.Rows[cmd.Tag]
	if u.Sample == 0 {
		if u.Fetch.Full == 0 {
			out.Status = activity.WaitMemory
			return false
		}
		u.Trees.W = u.Blocks[u.Fetch.Take]
		u.release()
		row[activity.EPCWRead] += lanes
	}
	out.Status = activity.Busy
	u.E = u.EBuf[int(u.Sample)*u.columns+int(u.Pass)]
	u.Trees.S1 = Stage{Valid: true, First: u.Pass == 0, Last: u.Pass+1 == u.Passes, Sample: u.Sample, Group: u.Group}
	row[activity.EPCERead]++
	if u.kind == TreeGate {
		u.Gate.M1 = u.word(cmd, u.Sample, u.Group)
		row[activity.EPCMul] += uint64(bits.OnesCount16(u.Gate.M1) * nonZeros(&u.E))
	} else {
		row[activity.EPCMul] += uint64(lanes * u.passErrors())
	}
	if u.toggles != nil {
		u.countOperands(cmd)
	}
	if u.Sample++; u.Sample < u.Batch {
		return true
	}
	u.Sample = 0
	if u.Pass++; u.Pass == u.Passes {
		u.Pass = 0
		u.Group++
	}
	return true
}

// multiply forms the sums of the trees whose bit is set in word: sixteen products of 16 x 16 bits each.
func multiply(e *port.Group, w *Block, word uint16, sums *[lanes]int64) {
	for k := range w {
		sum := int64(0)
		if word>>k&1 == 1 {
			for j, x := range e {
				sum += int64(int32(x) * int32(w[k][j]))
			}
		}
		sums[k] = sum
	}
}

// accumulate adds the sums of the trees to those of the passes before.
func (u *Unit) accumulate(cmd *port.Cmd) {
	u.S3, u.Sum, u.Gate.M3 = u.Trees.S2, u.Trees.Out, u.Gate.M2
	row := &u.act.Rows[cmd.Tag]
	partial := &u.Partial[u.S3.Sample]
	if !u.S3.First {
		for t, v := range partial {
			u.Sum[t] += v
		}
		row[activity.EPCPRead]++
	}
	if u.toggles != nil {
		u.countSums(cmd)
	}
	if !u.S3.Last {
		*partial = u.Sum
		u.S3.Valid = false
		row[activity.EPCPWrite]++
	}
}

// writeMask is the mask word of the group that is written: Tree reads it now, TreeGate has read it with the errors.
func (u *Unit) writeMask(cmd *port.Cmd) uint16 {
	if u.kind == TreeGate {
		return u.Gate.M3
	}
	return u.word(cmd, u.S3.Sample, u.S3.Group)
}

// word is the f' bits of a group: from the mask memory, or all 1; 0 past the last neuron.
func (u *Unit) word(cmd *port.Cmd, sample uint8, group uint16) uint16 {
	word := uint16(1<<lanes - 1)
	if !cmd.Is(isa.FlagAll) {
		word = u.mask[cmd.P[isa.EPCMask]+uint32(sample)*cmd.P[isa.EPCMStep]+uint32(group)]
		u.act.Rows[cmd.Tag][activity.MaskRead]++
	}
	if rest := cmd.P[isa.EPCNeurons] - lanes*uint32(group); rest < lanes {
		word &= 1<<rest - 1
	}
	return word
}

func nonZeros(e *port.Group) (n int) {
	for _, v := range e {
		if v != 0 {
			n++
		}
	}
	return n
}
