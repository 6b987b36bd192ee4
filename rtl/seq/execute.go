package seq

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// execute runs one instruction, or stalls on a full queue, a wait or a mark.
func (u *Unit) execute(out *Out) {
	s := &u.State
	out.Status = activity.Busy
	if s.PC >= s.Program || s.PC%isa.WordBytes != 0 {
		u.fault(port.FaultPC, uint64(s.PC))
		return
	}
	w := s.IMem[s.PC/isa.WordBytes]
	next := s.PC + isa.WordBytes
	row := &u.act.Rows[out.Tag]
	op := w.Op()
	switch {
	case op >= isa.OpDMAMap:
		if !u.command(w, out) {
			return
		}
	case op >= isa.OpSet:
		if !u.control(w, out) {
			return
		}
	case op >= isa.OpBeq:
		next = u.branch(w, next)
	case op >= isa.OpLw:
		u.memory(w, row)
	default:
		u.scalar(w)
	}
	if s.Fault.Code != port.FaultNone {
		return
	}
	row[activity.SeqInstr]++
	row[activity.IMemRead]++
	out.Retire = Retire{true, s.PC, w}
	if !s.Halted {
		s.PC = u.loopBack(next)
	}
}

// loopBack returns to the start of the innermost loop whose end is reached, without a lost cycle. Loops that end
// at the same place unwind together.
func (u *Unit) loopBack(next uint32) uint32 {
	s := &u.State
	for s.NLoops > 0 {
		l := &s.Loops[s.NLoops-1]
		if next != l.End {
			return next
		}
		if l.Count > 0 {
			l.Count--
			u.count(clockCount)
			return l.Start
		}
		s.NLoops--
	}
	return next
}

// command issues a unit command; false means: stalled.
func (u *Unit) command(w isa.Word, out *Out) bool {
	s := &u.State
	info := isa.Lookup(w.Op())
	if info == nil {
		u.fault(port.FaultIllegal, uint64(w))
		return false
	}
	if s.Outstanding[info.Unit] >= port.QueueDepth {
		out.Status, out.WaitUnit, s.Blocked = activity.WaitOperand, info.Unit, true
		return false
	}
	flags := w.Aux() | uint16(s.R[w.Ra()])
	if flags&^info.FlagMask() != 0 {
		u.fault(port.FaultIllegal, uint64(w))
		return false
	}
	s.Outstanding[info.Unit]++
	s.Slots[s.Inst].Outstanding++
	s.slots = true
	out.Bus = port.Bus{Kind: port.BusCmd, Unit: info.Unit, Op: w.Op(), Flags: flags, Tag: out.Tag, Inst: s.Inst, PC: s.PC}
	return true
}

// control executes set, seti, get, wait and mark; false means: stalled.
func (u *Unit) control(w isa.Word, out *Out) bool {
	s := &u.State
	unit, reg := w.AuxUnit(), w.AuxReg()
	switch w.Op() {
	case isa.OpSet, isa.OpSeti:
		v := uint32(w.Imm())
		if w.Op() == isa.OpSet {
			v = s.R[w.Ra()]
		}
		if unit >= isa.NumUnits || int(reg) >= len(isa.Units[unit].Params) {
			u.fault(port.FaultIllegal, uint64(w))
			return false
		}
		out.Bus = port.Bus{Kind: port.BusParam, Unit: unit, Index: reg, Val: v, PC: s.PC}
	case isa.OpGet:
		if unit >= isa.NumUnits || int(reg) >= len(isa.Units[unit].Status) {
			u.fault(port.FaultIllegal, uint64(w))
			return false
		}
		out.Bus = port.Bus{Kind: port.BusGet, Unit: unit, Index: reg, PC: s.PC}
		s.GetUnit, s.GetReg, s.GetPending, s.Stall = unit, w.Rd(), true, getExtra
	case isa.OpWait:
		if unit == isa.UnitSeq || unit >= isa.NumUnits || w.Imm() < 0 {
			u.fault(port.FaultIllegal, uint64(w))
			return false
		}
		if int32(s.Outstanding[unit]) > w.Imm() {
			out.Status, out.WaitUnit, s.Blocked = activity.WaitOperand, unit, true
			return false
		}
	case isa.OpMark:
		return u.mark(w, out)
	default:
		u.fault(port.FaultIllegal, uint64(w))
		return false
	}
	return true
}

// mark opens the next slot; it stalls while that slot's commands of 16 marks ago are outstanding.
func (u *Unit) mark(w isa.Word, out *Out) bool {
	s := &u.State
	if w.Aux() >= uint16(isa.NumPhases) || s.R[w.Ra()] > maxLayer {
		u.fault(port.FaultIllegal, uint64(w))
		return false
	}
	next := (s.Inst + 1) % port.MarkSlots
	if s.Slots[next].Used {
		out.Status = activity.WaitOperand
		out.WaitUnit = isa.UnitSeq
		return false
	}
	s.Scan, s.slots = true, true
	s.Serial++
	s.Slots[next] = Slot{Tag: activity.MakeTag(uint8(w.Aux()), uint8(s.R[w.Ra()])), Serial: s.Serial, Used: true}
	s.Inst = next
	return true
}

// branch executes branches, jumps and loop starts and returns the next pc.
func (u *Unit) branch(w isa.Word, next uint32) uint32 {
	s := &u.State
	a, b := s.R[w.Ra()], s.R[w.Rb()]
	target := uint32(w.Imm())
	take, conditional := w.Branch(a, b)
	switch w.Op() {
	case isa.OpJal:
		u.setReg(w.Rd(), next)
		take = true
	case isa.OpJr:
		target, take = a, true
	case isa.OpLoop:
		if target < next { // its end would never be reached
			u.fault(port.FaultIllegal, uint64(w))
			return next
		}
		if int32(a) <= 0 || target == next {
			take = true
			break
		}
		if s.NLoops == MaxLoops {
			u.fault(port.FaultLoop, uint64(s.NLoops)+1)
			return next
		}
		s.Loops[s.NLoops] = Loop{Start: next, End: target, Count: a - 1}
		s.NLoops++
		u.count(clockLoop)
		u.count(clockCount)
		return next
	default:
		if !conditional {
			u.fault(port.FaultIllegal, uint64(w))
			return next
		}
	}
	if !take {
		return next
	}
	s.Stall = branchTaken
	return target
}

// memory executes scratch loads and stores.
func (u *Unit) memory(w isa.Word, row *activity.Row) {
	s := &u.State
	addr := s.R[w.Ra()] + uint32(w.Imm())
	size := uint32(4)
	switch w.Op() {
	case isa.OpLhu, isa.OpSh:
		size = 2
	case isa.OpLbu:
		size = 1
	case isa.OpLw, isa.OpSw:
	default:
		u.fault(port.FaultIllegal, uint64(w))
		return
	}
	if addr%size != 0 || uint64(addr)+uint64(size) > uint64(len(s.Scratch)) {
		u.fault(port.FaultScratch, uint64(addr))
		return
	}
	m := s.Scratch[addr:]
	switch w.Op() {
	case isa.OpLw:
		u.setReg(w.Rd(), binary.LittleEndian.Uint32(m))
	case isa.OpLhu:
		u.setReg(w.Rd(), uint32(binary.LittleEndian.Uint16(m)))
	case isa.OpLbu:
		u.setReg(w.Rd(), uint32(m[0]))
	case isa.OpSw:
		binary.LittleEndian.PutUint32(m, s.R[w.Rb()])
	case isa.OpSh:
		binary.LittleEndian.PutUint16(m, uint16(s.R[w.Rb()]))
	}
	if w.Op() < isa.OpSw {
		s.Stall = loadExtra
		row[activity.ScratchRead]++
		return
	}
	row[activity.ScratchWrite]++
}
