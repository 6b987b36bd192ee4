package seq

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Latencies of instructions in cycles beyond the first.
const (
	branchTaken = 1 // the fetched successor is dropped
	loadExtra   = 1 // scratch is read in the cycle after the address is known
	getExtra    = 2 // bus out, status register back
)

// maxLayer is the largest layer number that a tag can hold.
const maxLayer = 31

// MaxLoops is the depth of the hardware loop stack.
const MaxLoops = 4

// Loop is one entry of the hardware loop stack.
type Loop struct {
	Start uint32 `bits:"pc" clk:"loop"`
	End   uint32 `bits:"pc" clk:"loop"`
	Count uint32 `bits:"32" clk:"count"` // passes left after the present one
}

// Slot follows the commands of one mark.
type Slot struct {
	Tag         activity.Tag `sim:"bookkeeping"`
	Serial      uint32       `sim:"bookkeeping"` // number of the mark since the start, for observers
	Outstanding uint16       `bits:"6"`
	Used        bool         `bits:"1"` // not yet reported as done
}

// State is everything that SEQ remembers.
type State struct {
	PC          uint32               `bits:"pc"`
	R           [isa.NumRegs]uint32  `bits:"32" each:"1" clk:"reg"`
	Loops       [MaxLoops]Loop       `each:"1"`
	NLoops      uint8                `bits:"3"`
	Stall       uint8                `bits:"2"` // cycles until the present instruction is over
	GetUnit     isa.Unit             `bits:"4"`
	GetReg      uint8                `bits:"4"` // destination of a pending get, 0: none
	GetPending  bool                 `bits:"1"`
	Outstanding [isa.NumUnits]uint8  `bits:"3" clk:"slot"`
	Slots       [port.MarkSlots]Slot `clk:"slot"`
	Inst        uint8                `bits:"4" clk:"slot"` // present slot
	Serial      uint32               `sim:"bookkeeping"`
	Scan        bool                 `bits:"1"` // a mark may have become done
	Blocked     bool                 `bits:"1"` // the present instruction waits for a command to retire
	Halted      bool                 `bits:"1"`
	Finished    bool                 `bits:"1"`
	Fault       port.Fault           `sim:"bookkeeping"`

	IMem    []isa.Word `mem:"IMEM"`
	Scratch []byte     `mem:"scratch"`
	Program uint32     `sim:"bookkeeping"` // bytes of IMem that hold the program

	slots bool `sim:"wires"` // a slot changes in this cycle
}

// Groups of registers beside the unit's own.
const (
	clockReg = activity.ClockSeq + iota
	clockLoop
	clockCount
	clockSlot
	clockBus
	clockScratch
)

// In is what SEQ sees in a cycle.
type In struct {
	Done    [isa.NumUnits]port.Done
	Stat    [isa.NumUnits]uint32 `bits:"32"`
	Scratch port.ScratchReq      // from the DMA
}

// Retire describes the instruction that was executed in the last cycle, for traces.
type Retire struct {
	Valid bool
	PC    uint32
	Word  isa.Word
}

// TagDone says that all commands of a mark have retired.
type TagDone struct {
	Valid  bool
	Tag    activity.Tag
	Serial uint32
}

// Out is what SEQ drives.
type Out struct {
	Status   activity.Status  `bits:"3"`
	WaitUnit isa.Unit         `sim:"bookkeeping"` // with a waiting status: for whom
	Bus      port.Bus         `clk:"bus"`
	Scratch  port.ScratchData `clk:"scratch"`
	TagDone  TagDone          `sim:"bookkeeping"`
	Retire   Retire           `sim:"bookkeeping"`
	Tag      activity.Tag     `sim:"bookkeeping"` // of the last mark
	Finished bool             `sim:"bookkeeping"` // halted and nothing outstanding
	Asleep   bool             `sim:"bookkeeping"` // the next tick would change nothing unless a command retires or the DMA calls
	Fault    port.Fault
}

// Unit is the sequencer.
type Unit struct {
	State
	widths port.Widths
	act    *activity.Counts
}

// New returns a sequencer with cleared memories. cfg must be valid.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{act: act, widths: port.WidthsOf(c)}
	u.widths["pc"] = port.Index(c.Seq.IMemBytes + 1) // up to the first behind the memory
	u.IMem = make([]isa.Word, c.Seq.IMemBytes/isa.WordBytes)
	u.Scratch = make([]byte, c.Seq.ScratchBytes)
	u.Slots[0].Used = true
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return port.Clocked(activity.Seq, u.widths, &u.State, &Out{})
}

// Load puts a program into instruction memory.
func (u *Unit) Load(code []isa.Word, entry uint32) error {
	if len(code) > len(u.IMem) {
		return fmt.Errorf("program of %d bytes, instruction memory holds %d", len(code)*isa.WordBytes, len(u.IMem)*isa.WordBytes)
	}
	if entry%isa.WordBytes != 0 || int(entry) >= len(code)*isa.WordBytes {
		return fmt.Errorf("entry %#x outside the program of %d bytes", entry, len(code)*isa.WordBytes)
	}
	clear(u.IMem)
	copy(u.IMem, code)
	u.Program = uint32(len(code) * isa.WordBytes)
	u.PC = entry
	return nil
}

// Tick advances SEQ by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	was := out.Status
	works := s.Scan || in.Scratch.Valid || out.Scratch.Valid || out.Bus.Kind != port.BusNone
	s.slots = false
	out.Bus.Kind = port.BusNone
	out.Retire.Valid = false
	out.TagDone.Valid = false
	out.Tag = s.Slots[s.Inst].Tag
	u.retire(in, out)
	u.scratchPort(in, out)
	u.step(in, out)
	row := &u.act.Rows[out.Tag]
	if works || s.slots || s.Finished != out.Finished || out.Status == activity.Busy || out.Status != was {
		row[activity.ActiveSeq]++
	}
	if s.slots {
		row[clockSlot]++
	}
	if out.Bus.Kind != port.BusNone {
		row[clockBus]++
	}
}

// step goes on with the program.
func (u *Unit) step(in *In, out *Out) {
	s := &u.State
	out.Asleep = false
	if s.Fault.Code != port.FaultNone || s.Finished {
		out.Fault = s.Fault
		out.Status, out.Finished = activity.Idle, s.Finished
		return
	}
	out.Finished = false
	switch {
	case s.Halted:
		out.Status = activity.Idle
		u.finish(out)
	case s.Stall > 0:
		s.Stall--
		if s.Stall == 0 && s.GetPending {
			u.setReg(s.GetReg, in.Stat[s.GetUnit])
			s.GetPending = false
		}
		out.Status = activity.Busy
	case s.Blocked: // as in the last cycle: a full queue or an unmet wait
		out.Asleep = !s.Scan && !out.TagDone.Valid && !out.Scratch.Valid
	default:
		u.execute(out)
	}
}

// retire counts finished commands and reports one finished mark a cycle.
func (u *Unit) retire(in *In, out *Out) {
	s := &u.State
	for i := 1; i < int(isa.NumUnits); i++ {
		if in.Done[i].Valid {
			s.Scan, s.Blocked, s.slots = true, false, true
			s.Outstanding[i]--
			s.Slots[in.Done[i].Inst].Outstanding--
		}
	}
	if !s.Scan {
		return
	}
	// Oldest first: the slot behind the present one is the oldest.
	for i := uint8(1); i < port.MarkSlots; i++ {
		slot := &s.Slots[(s.Inst+i)%port.MarkSlots]
		if slot.Used && slot.Outstanding == 0 {
			slot.Used, s.slots = false, true
			out.TagDone = TagDone{true, slot.Tag, slot.Serial}
			return
		}
	}
	s.Scan = false
}

// finish closes the last mark and ends the run when nothing is outstanding.
func (u *Unit) finish(out *Out) {
	s := &u.State
	for i := 1; i < int(isa.NumUnits); i++ {
		if s.Outstanding[i] > 0 {
			out.WaitUnit = isa.Unit(i)
			return
		}
	}
	if out.TagDone.Valid {
		return
	}
	if slot := &s.Slots[s.Inst]; slot.Used {
		slot.Used, s.slots = false, true
		out.TagDone = TagDone{true, slot.Tag, slot.Serial}
		return
	}
	s.Finished = true
}

// scratchPort serves the DMA's port of the scratch memory. The DMA has checked the address.
func (u *Unit) scratchPort(in *In, out *Out) {
	out.Scratch.Valid = false
	r := &in.Scratch
	if !r.Valid {
		return
	}
	row := &u.act.Rows[r.Tag]
	if r.Write {
		copy(u.Scratch[r.Addr:r.Addr+uint32(r.N)], r.Data[:r.N])
		row[activity.ScratchWrite] += uint64(r.N+3) / 4
		return
	}
	copy(out.Scratch.Data[:], u.Scratch[r.Addr:])
	out.Scratch.Valid = true
	row[clockScratch]++
	row[activity.ScratchRead] += port.BurstBytes / 4
}

// count counts an event of the program.
func (u *Unit) count(e activity.Event) { u.act.Rows[u.Slots[u.Inst].Tag][e]++ }

func (u *Unit) setReg(r uint8, v uint32) {
	if r != 0 {
		u.R[r] = v
		u.count(clockReg)
	}
}

func (u *Unit) fault(code port.FaultCode, arg uint64) {
	u.Fault = port.Fault{Code: code, PC: u.PC, Arg: arg}
}
