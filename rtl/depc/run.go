package depc

import (
	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc/tree"
	"bdfasim/rtl/port"
)

// beginRun starts the generator, or reads the first entry of the sign memory.
func (u *Unit) beginRun(cmd *port.Cmd, out *Out) {
	u.Phase = PhaseRun
	u.Groups = uint16((cmd.P[isa.DEPCNeurons] + lanes - 1) / lanes)
	u.Sample, u.Pass, u.Group, u.Settle, u.Took = 0, 0, 0, 0, false
	items := uint32(u.Groups) * uint32(u.Passes)
	if cmd.Is(isa.FlagSRAM) {
		u.NextEntry, u.NextLeft, u.NextValid = cmd.P[isa.DEPCEntry], items, false
		u.fetchSigns(cmd)
		return
	}
	u.NextLeft = 0
	lastClasses := u.Classes - passWidth*(u.Passes-1)
	out.RNGStart, out.RNGSeed, out.RNGTag = true, cmd.P[isa.DEPCSeed], cmd.Tag
	out.RNGPasses, out.RNGFills = u.Passes, items
	out.RNGBits, out.RNGLast = lanes*passWidth, lanes*lastClasses
}

// run is a cycle of depc.run. The pipeline stands still as a whole while a group waits for room in its memory. It reports
// whether registers were clocked.
func (u *Unit) run(cmd *port.Cmd, in *In, out *Out) bool {
	room := in.WriteRoom
	if cmd.Is(isa.FlagX) {
		room = in.XRoom
	}
	if u.S3.Valid && !room {
		out.Status = activity.WaitDrain
		u.Took = false
		return false
	}
	moved := u.S1.Valid || u.S2.Valid || u.S3.Valid
	if u.S3.Valid {
		u.write(cmd, out)
	}
	u.S3.Valid = false
	if u.S2.Valid {
		u.accumulate(cmd)
	}
	u.S2 = u.S1
	if u.S1.Valid {
		tree.Tree((*[passWidth]int16)(&u.E), &u.Sign, &u.Tree)
		if u.toggles != nil {
			u.countTrees(cmd)
		}
	}
	u.S1.Valid = false
	switch {
	case u.Group < u.Groups:
		moved = u.issue(cmd, in, out) || moved
	case moved:
		out.Status = activity.Busy
	default:
		u.finish(cmd, in, out)
	}
	u.fetchSigns(cmd)
	u.Took = out.RNGTake
	return moved
}

// issue reads the errors of the next sample, and with the first sample of a group and pass its signs.
func (u *Unit) issue(cmd *port.Cmd, in *In, out *Out) bool {
	if u.Sample == 0 && !u.takeSigns(cmd, in, out) {
		out.Status = activity.WaitOperand
		return false
	}
	out.Status = activity.Busy
	u.E = u.EBuf[int(u.Sample)*u.columns+int(u.Pass)]
	u.S1 = Stage{Valid: true, First: u.Pass == 0, Last: u.Pass+1 == u.Passes, Sample: u.Sample, Group: u.Group}
	row := &u.act.Rows[cmd.Tag]
	row[activity.EBufRead]++
	row[activity.DEPCAdd] += uint64(lanes * u.passClasses())
	if u.toggles != nil {
		u.countInputs(cmd)
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

// accumulate adds the sums of the trees to those of the passes before.
func (u *Unit) accumulate(cmd *port.Cmd) {
	u.S3, u.Sum = u.S2, u.Tree
	row := &u.act.Rows[cmd.Tag]
	partial := &u.Partial[u.S2.Sample&(maxBatch-1)]
	if !u.S2.First {
		for t, v := range partial {
			u.Sum[t] += v
		}
		row[activity.DEPCPRead]++
	}
	if u.toggles != nil {
		u.countSums(cmd)
	}
	if !u.S2.Last {
		*partial = u.Sum
		u.S3.Valid = false
		row[activity.DEPCPWrite]++
	}
}

// write shifts, rounds, masks and saturates the sums of a group and sends them to OMEM or external memory.
func (u *Unit) write(cmd *port.Cmd, out *Out) {
	b, g := uint32(u.S3.Sample), uint32(u.S3.Group)
	word := ^uint16(0)
	if !cmd.Is(isa.FlagAll) {
		word = u.mask[cmd.P[isa.DEPCMask]+b*cmd.P[isa.DEPCMStep]+g]
		u.act.Rows[cmd.Tag][activity.MaskRead]++
	}
	if rest := cmd.P[isa.DEPCNeurons] - g*lanes; rest < lanes {
		word &= 1<<rest - 1
	}
	row := cmd.P[isa.DEPCDst] + b*cmd.P[isa.DEPCDStep]
	u.Settle = 1
	if !cmd.Is(isa.FlagX) {
		w := &out.Write
		w.Valid, w.Tag, w.PC, w.Addr = true, cmd.Tag, cmd.PC, row+4*g
		u.round(cmd.Int(isa.DEPCShift), word, &w.Data)
		return
	}
	x := &out.X
	x.Valid, x.Tag, x.Addr = true, cmd.Tag, row+port.BurstBytes*g
	var e port.Group
	u.round(cmd.Int(isa.DEPCShift), word, &e)
	port.PutGroup(&x.Data, &e)
}

// round brings the sums whose bit of word is 1 to 16 bits, the others to 0.
func (u *Unit) round(shift int, word uint16, to *port.Group) {
	for t := range to {
		if word>>t&1 == 0 {
			to[t] = 0
			continue
		}
		e, clipped := fixed.Sat(fixed.Away(int64(u.Sum[t]), shift), 16)
		if clipped {
			u.Sat++
		}
		u.Max = max(u.Max, uint16(max(e, -e)))
		to[t] = int16(e)
	}
}

// finish waits until the last write is committed: its idle wire tells of it from the second cycle after the write on.
func (u *Unit) finish(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.WaitDrain
	if u.Settle > 0 {
		u.Settle--
		return
	}
	idle := in.WriteIdle
	if cmd.Is(isa.FlagX) {
		idle = in.XIdle
	}
	if idle {
		out.Status = activity.Busy
		u.retire(cmd, out)
	}
}
