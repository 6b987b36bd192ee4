package compile

import (
	"encoding/binary"
	"fmt"
	"math"
	"sort"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/isa/image"
)

// queueDepth is how many commands of a unit may be outstanding.
const queueDepth = 4

// sequencer runs the program: it knows the time of each instruction (package rtl/seq) and gives commands to the units.
// The program sees external memory as it lies before the run, cut to a few training steps.
type sequencer struct {
	code        []isa.Word
	scratch     []byte
	mem         []segment
	r           [isa.NumRegs]uint32
	params      [isa.NumUnits][16]uint32
	pc          uint32
	loops       [][3]uint32 // start, end, passes left
	outstanding [isa.NumUnits]int
	at          float64 // time of the next instruction
	blocked     bool    // it waits for a command to retire
	halted      bool
}

// segment is a piece of external memory that the program reads.
type segment struct {
	addr uint32
	data []byte
}

// init loads program, scratch and the tables: header, orders, strips, jobs, descriptors.
func (s *sequencer) init(p *Plan, img *image.Image, steps uint32) {
	s.code, s.pc, s.scratch = img.Code, img.Entry, make([]byte, 4096)
	copy(s.scratch, img.Scratch)
	h := p.Header
	h.Epochs, h.EvalEvery = 1, 0
	if h.TrainN = steps * h.Batch; steps == 1 {
		h.TrainN = min(p.Header.TrainN, h.Batch)
	}
	add := func(addr uint32, data []byte) {
		if len(data) > 0 {
			s.mem = append(s.mem, segment{addr, data})
		}
	}
	add(0, firmware.Encode(&h, firmware.HeaderBytes))
	for _, t := range p.Tables[1:] { // the header is another one
		add(t.Addr, t.Data)
	}
	sort.Slice(s.mem, func(i, j int) bool { return s.mem[i].addr < s.mem[j].addr })
}

// read copies external memory to scratch; what no table holds is zero.
func (s *sequencer) read(addr, n, dst uint32) error {
	if uint64(dst)+uint64(n) > uint64(len(s.scratch)) {
		return fmt.Errorf("scratch: got %d bytes at %#x, want less than %d", n, dst, len(s.scratch))
	}
	to := s.scratch[dst : dst+n]
	clear(to)
	for k := sort.Search(len(s.mem), func(k int) bool { return s.mem[k].addr+uint32(len(s.mem[k].data)) > addr }); k < len(s.mem) && s.mem[k].addr < addr+n; k++ {
		seg := &s.mem[k]
		if seg.addr >= addr {
			copy(to[seg.addr-addr:], seg.data)
		} else {
			copy(to, seg.data[addr-seg.addr:])
		}
	}
	return nil
}

func (s *sequencer) next(m *model) float64 {
	if s.halted || s.blocked {
		return math.Inf(1)
	}
	return s.at
}

func (s *sequencer) idle() bool {
	for _, n := range s.outstanding {
		if n > 0 {
			return false
		}
	}
	return true
}

// retired counts a command that ended.
func (s *sequencer) retired(u isa.Unit) {
	s.outstanding[u]--
	s.blocked = false
}

// step executes what is due: up to the next command, or to the time of the next event of another unit.
func (s *sequencer) step(m *model) error {
	if s.halted || s.blocked || s.at > m.now {
		return nil
	}
	until := m.bus.next(m.now)
	for _, u := range m.units[1:] {
		until = min(until, u.next(m.now))
	}
	for !s.halted {
		if int(s.pc/isa.WordBytes) >= len(s.code) {
			return fmt.Errorf("pc %#x outside the program", s.pc)
		}
		w := s.code[s.pc/isa.WordBytes]
		sent, ok, err := s.execute(m, w)
		if err != nil {
			return fmt.Errorf("pc %#x: %w", s.pc, err)
		}
		if !ok {
			s.blocked = true
			s.at = m.now
			return nil
		}
		if sent || s.at >= until {
			return nil
		}
		m.bus.advance(max(0, s.at-m.now))
		m.now = max(m.now, s.at)
	}
	return nil
}

// execute runs one instruction at the present time. sent: a command went to a unit; ok false: it has to wait.
func (s *sequencer) execute(m *model, w isa.Word) (sent, ok bool, err error) {
	next, cycles := s.pc+isa.WordBytes, 1.0
	switch op := w.Op(); {
	case op >= isa.OpDMAMap:
		if sent = s.command(m, w); !sent {
			return false, false, nil
		}
		if op == isa.OpDMAScr {
			q := &s.params[isa.UnitDMA]
			err = s.read(q[isa.DMAXAddr], q[isa.DMAN], q[isa.DMADst])
		}
	case op >= isa.OpSet:
		if op == isa.OpWait && s.outstanding[w.AuxUnit()] > int(w.Imm()) {
			return false, false, nil
		}
		cycles += s.control(m, w)
	case op >= isa.OpBeq:
		target, taken := s.branch(w, next)
		if taken {
			next = target
			cycles++
		}
	case op >= isa.OpLw:
		cycles += s.memory(w)
	case op == isa.OpHalt:
		s.halted = true
		m.marks[len(m.marks)-1].closed = m.now + 1
	default:
		s.scalar(w)
	}
	s.r[0] = 0
	s.pc = s.loopBack(next)
	s.at = m.now + cycles
	return sent, true, err
}

func (s *sequencer) loopBack(next uint32) uint32 {
	for n := len(s.loops); n > 0; n = len(s.loops) {
		l := &s.loops[n-1]
		if next != l[1] {
			break
		}
		if l[2] > 0 {
			l[2]--
			return l[0]
		}
		s.loops = s.loops[:n-1]
	}
	return next
}

// command sends a command, unless the unit's queue is full.
func (s *sequencer) command(m *model, w isa.Word) bool {
	u := isa.Lookup(w.Op()).Unit
	if s.outstanding[u] >= queueDepth {
		return false
	}
	s.outstanding[u]++
	k := &m.marks[len(m.marks)-1]
	k.outstanding++
	if k.first < 0 {
		k.first = m.now + 1
	}
	c := &command{op: w.Op(), unit: u, flags: w.Aux() | uint16(s.r[w.Ra()]), p: s.params[u], mark: len(m.marks) - 1, at: m.now + 1}
	m.units[u].push(c)
	return true
}

// control executes set, seti, get, wait and mark, and returns how many cycles it takes beyond the first. Status registers
// read as zero.
func (s *sequencer) control(m *model, w isa.Word) float64 {
	switch w.Op() {
	case isa.OpSet:
		s.params[w.AuxUnit()][w.AuxReg()] = s.r[w.Ra()]
	case isa.OpSeti:
		s.params[w.AuxUnit()][w.AuxReg()] = uint32(w.Imm())
	case isa.OpGet:
		s.r[w.Rd()] = 0
		return 2
	case isa.OpMark:
		m.openMark(int(w.Aux()), int(s.r[w.Ra()]), m.now)
	}
	return 0
}

func (s *sequencer) branch(w isa.Word, next uint32) (target uint32, taken bool) {
	a, b := s.r[w.Ra()], s.r[w.Rb()]
	target = uint32(w.Imm())
	taken, _ = w.Branch(a, b)
	switch w.Op() {
	case isa.OpJal:
		s.r[w.Rd()] = next
		taken = true
	case isa.OpJr:
		target, taken = a, true
	case isa.OpLoop:
		if int32(a) <= 0 || target == next {
			return target, true
		}
		s.loops = append(s.loops, [3]uint32{next, target, a - 1})
	}
	return target, taken
}

// memory executes loads and stores; a load takes a cycle more.
func (s *sequencer) memory(w isa.Word) float64 {
	addr := s.r[w.Ra()] + uint32(w.Imm())
	if int(addr)+4 > len(s.scratch) {
		addr = 0 // the chip would fault; so would its tests
	}
	b := s.scratch[addr:]
	switch w.Op() {
	case isa.OpLw:
		s.r[w.Rd()] = binary.LittleEndian.Uint32(b)
	case isa.OpLhu:
		s.r[w.Rd()] = uint32(binary.LittleEndian.Uint16(b))
	case isa.OpLbu:
		s.r[w.Rd()] = uint32(b[0])
	case isa.OpSw:
		binary.LittleEndian.PutUint32(b, s.r[w.Rb()])
		return 0
	case isa.OpSh:
		binary.LittleEndian.PutUint16(b, uint16(s.r[w.Rb()]))
		return 0
	}
	return 1
}

// scalar executes register instructions.
func (s *sequencer) scalar(w isa.Word) {
	if v, ok := w.Scalar(s.r[w.Ra()], s.r[w.Rb()]); ok {
		s.r[w.Rd()] = v
	}
}
