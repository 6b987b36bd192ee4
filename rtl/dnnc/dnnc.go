package dnnc

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Unit is the MAC array with WMEM and the accumulators.
type Unit struct {
	State
	lanes    int  // of the array
	products bool // have registers
	widths   port.Widths
	limits   *port.Limits
	cur      current
	clocked  bool // something moved that the wires do not show
	act      *activity.Counts

	toggles *toggles // nil: not counted
}

// New returns an array of machine m.
func New(c *machine.Config, act *activity.Counts) *Unit {
	n, banks, buffers := c.DNNC.Lanes, c.Banks(), 2
	if c.Fused {
		buffers = maxBuffers
	}
	u := &Unit{
		lanes: n, products: c.ProductRegisters() > 0, widths: port.WidthsOf(c),
		limits: port.NewLimits(isa.UnitDNNC, c), act: act,
	}
	u.Buffers, u.Freed = make([]buffer, buffers), make([]uint8, buffers)
	u.Banks, u.Line = make([]bank, banks), make([]uint8, banks)
	u.Touched = make([]uint32, banks*port.NumStreams)
	u.Ends = make([]end, depth(c))
	u.WMEM, u.Acc = make([]int16, 2*WRows*n), make([]int64, banks*AccRows*n)
	u.Several = true // so that the first tick drives all of XRoom
	for i := range u.Row {
		u.Row[i] = noRow
	}
	if c.Toggles {
		u.toggles = newToggles(&c.DNNC)
	}
	return u
}

// fused reports whether the chip has the hardware for fused schedules.
func (u *Unit) fused() bool { return len(u.Buffers) == maxBuffers }

// row is the lanes of a row of a bank, all or those of a stream.
func (u *Unit) row(bank, row uint8, lane, n int) []int64 {
	at := (int(bank)*AccRows+int(row))*u.lanes + lane
	return u.Acc[at : at+n]
}

// Clocked is the number of register bits by the event that counts when they are clocked. The
// registers of a lane's weight and sum are not among them: they are priced with each MAC. What is
// put off stands in no field: operands, which are registered before WMEM and behind it and
// accompanied to the sum by row, swap and end, and products.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	sum := port.Clocked(activity.DNNC, u.widths, &u.State, &Out{})
	const operand, control = 16, 5 + 3
	sum[activity.ClockDNNCOperand] = activity.Registers{
		Bits: 2*operand + len(u.Ends)*control, Copies: port.NumStreams,
	}
	if u.products {
		sum[activity.ClockDNNCProduct] = activity.Registers{Bits: 32, Copies: u.lanes}
	}
	return sum
}

// Tick advances the array by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	was := out.Status
	u.clocked = out.Done.Valid || u.Hold
	if in.Bus.Calls(isa.UnitDNNC) {
		u.clocked = true
		u.Listen(in.Bus, isa.UnitDNNC, u.act)
	}
	out.Done.Valid = false
	out.Stream.Valid = false
	if in.FreeDrain || in.FreeMom || in.Tile.Valid || in.Upd.Valid {
		u.takeWires(in)
	}
	out.Status = activity.Idle
	if u.Flying > 0 {
		out.Status = activity.Busy
		u.arrive(out)
	}
	if u.Queue.N > 0 && u.Fault.Code == port.FaultNone {
		if out.Status = activity.Busy; !u.product() {
			out.Status = u.execute(in)
		}
		if u.Hold {
			u.Hold = false
		} else if u.Asked < u.Queue.N && (in.StreamRoom || u.asks().Op == isa.OpDNNCOnes) {
			u.request(u.asks(), out)
		}
	}
	items := u.push(0, &in.X[0])
	out.XRoom[0] = u.FIFO[0].N <= fifoSize-2
	if u.Several || in.X[1].Valid || in.X[2].Valid || in.X[3].Valid {
		items += u.fill(in, out)
	}
	clocked := items > 0 || u.clocked || out.Status == activity.Busy || out.Status != was
	out.Asleep = !clocked && out.Status.Waits()
	if clocked {
		row := u.cur.row
		if !u.Begun || row == nil {
			row = u.counts()
		}
		row[activity.ActiveDNNC]++
		row[activity.ClockDNNCItem] += items
	}
	if u.Moved {
		u.Moved = false
		copy(out.WFreed[:], u.Freed)
		first := u.Line[0]
		out.Head = port.BankHead{Valid: u.Lined > 0, ToMom: u.Banks[first].ToMom, Bank: first}
	}
	if u.Fault.Code != port.FaultNone {
		out.Fault = u.Fault
	}
}

// Read is what the consumer of a bank asked for, and the lanes behind it.
func (u *Unit) Read(q *port.AccReq) []int64 {
	lane := group * int(q.Group)
	return u.row(q.Bank, q.Row, lane, u.lanes-lane)
}

// counts are the events of the oldest command or, if there is none, of the last one.
func (u *Unit) counts() *activity.Row {
	q := &u.Queue
	if q.N == 0 {
		return &u.act.Rows[q.Cmds[(q.Head+port.QueueDepth-1)%port.QueueDepth].Tag]
	}
	return &u.act.Rows[q.At(0).Tag]
}

// takeWires takes released banks and weights.
func (u *Unit) takeWires(in *In) {
	if in.FreeDrain || in.FreeMom {
		u.Banks[u.Line[0]].Handed, u.Moved, u.clocked = false, true, true
		copy(u.Line, u.Line[1:])
		u.Lined--
	}
	if t := &in.Tile; t.Valid {
		u.clocked = true
		if u.fused() && t.Buf == 1 && (u.Buffers[2].Part || u.Buffers[3].Part) {
			u.Fault.Raise(port.FaultWMEM, u.UpdPC, 1)
			return
		}
		u.write(t, t.Buf, t.Buf, t.Row)
	}
	if t := &in.Upd; t.Valid {
		u.clocked = true
		u.UpdPC = t.PC
		if u.Buffers[1].Part {
			u.Fault.Raise(port.FaultWMEM, t.PC, 1)
			return
		}
		u.write(&t.TileWrite, 2+t.Buf, 1, AccRows*t.Buf+t.Row)
	}
}

// write puts 16 lanes of a buffer in its place in WMEM.
func (u *Unit) write(t *port.TileWrite, buf, wmem, row uint8) {
	w := u.WMEM[(int(wmem)*WRows+int(row))*u.lanes:][:u.lanes]
	width := u.lanes >> t.Split
	for lane := group * int(t.Group); lane < u.lanes; lane += width {
		*(*port.Group)(w[lane:]) = t.Data
	}
	u.act.Rows[t.Tag][activity.WMEMWrite] += 1 << t.Split
	b := &u.Buffers[buf]
	b.Part, b.Full = true, b.Full || t.Full
}

// fill takes non-zeros of all streams but the first, which is often alone, into their FIFOs and says
// where there is room for more. It returns the number of items.
func (u *Unit) fill(in *In, out *Out) (n uint64) {
	u.Several = false
	for i := 1; i < port.NumStreams; i++ {
		n += u.push(i, &in.X[i])
		held := u.FIFO[i].N
		u.Several = u.Several || held > 0
		out.XRoom[i] = held <= fifoSize-2
	}
	return n
}

// push adds to the non-zeros of a stream. It returns their number.
func (s *State) push(i int, x *port.XItem) uint64 {
	if !x.Valid {
		return 0
	}
	f := &s.FIFO[i]
	at := i*fifoSize + int((f.Head+f.N)%fifoSize)
	s.Items[at] = item{EOS: x.EOS, X: x.X, Elem: x.Elem, Sample: x.Sample}
	f.N++
	return 1
}

// first is the oldest non-zero of a stream, if there is any.
func (s *State) first(i int) *item {
	return &s.Items[(i*fifoSize+int(s.FIFO[i].Head%fifoSize))%len(s.Items)]
}

func (f *fifo) pop() {
	f.Head = (f.Head + 1) % fifoSize
	f.N--
}

// execute works on the oldest command.
func (u *Unit) execute(in *In) activity.Status {
	if !u.Begun {
		if wait := u.begin(); wait != activity.Busy {
			return wait
		}
	} else if u.cur.c == nil {
		u.lay() // the state was copied from elsewhere
	}
	if u.Opening && !u.openBank() {
		return activity.WaitDrain
	}
	if in.Upd.Valid && u.cur.upd {
		return activity.WaitWeight // both halves lie in the same macros, which have one port
	}
	if u.cur.ones {
		u.ones()
	} else if !u.stream() {
		return activity.WaitOperand
	}
	u.cur.row[activity.ClockDNNCWork]++
	return activity.Busy
}
