package wld

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Sizes of a weight block in external memory: 64 x 64 int16.
const (
	rowBytes   = 2 * 64
	turnSize   = 16
	numTurns   = 3 // corner-turn arrays: one lands, one is read out, one covers the latency of external memory
	blockLanes = 64
)

// walk is a place in the order in which a load visits its bursts. Straight: block, row, group of the row.
// Transposed: block, group of 16 columns (WMEM rows), group of 16 rows (WMEM lanes), row.
type walk struct {
	A uint8 `bits:"block"` // block
	B uint8 `bits:"7"`     // straight: row; transposed: column group
	C uint8 `bits:"3"`     // straight: group in block; transposed: row group
	D uint8 `bits:"5"`     // transposed: row in the group
}

// turn is a corner-turn register array of 16 x 16 elements.
type turn struct {
	Cell [turnSize]port.Group `bits:"16" clk:"-" by:"corner_turn"` // a row of them is clocked with each
	In   uint8                `bits:"5"`                           // rows written
	Out  uint8                `bits:"5"`                           // columns read
	Base uint8                `bits:"7"`                           // WMEM row of column 0
	Cols uint8                `bits:"5"`                           // columns that exist
	Lane uint8                `bits:"group"`                       // group of WMEM lanes
	Last bool                 `bits:"1"`                           // the load ends with this array
}

// State is everything that the loader remembers.
type State struct {
	port.Front
	Filled [2]uint8 `bits:"8"` // loads of each buffer

	Asking  uint8          `bits:"3"`          // queued command whose bursts are being requested
	Checked bool           `sim:"bookkeeping"` // the next command that begins has good parameters
	Begun   bool           `bits:"1"`          // that command has its buffer
	Ask     walk           `clk:"ask"`
	Landing uint8          `bits:"1"`   // queued command whose bursts arrive: 1 while a turned load is still being read out
	Land    walk           `clk:"land"` // its place
	Turn    [numTurns]turn `each:"1" clk:"turn"`
	TurnIn  uint8          `bits:"2"`
	TurnOut uint8          `bits:"2"`
	Booked  uint8          `bits:"2"`            // corner-turn arrays whose bursts have been requested
	Sent    bool           `bits:"1"`            // wld.e: the stream was requested
	Row     uint8          `bits:"7" clk:"land"` // wld.e: the place of the next group
	Group   uint8          `bits:"group" clk:"land"`

	Tag activity.Tag `sim:"bookkeeping"` // of the last command
}

// Groups of registers beside the unit's own.
const (
	clockAsk = activity.ClockWLD + iota
	clockLand
	clockTurn
	clockReq
	clockTile
)

// In is what the loader sees in a cycle.
type In struct {
	Bus     *port.Bus
	Resp    *port.XResp
	XRoom   bool     `bits:"1"`
	Freed   [2]uint8 `bits:"8"` // releases of each buffer by the DNNC
	ReqRoom bool     `bits:"1"` // OMEM takes a stream request
	Read    port.ReadData
}

// Out is what the loader drives.
type Out struct {
	Status   activity.Status `bits:"3"`
	Done     port.Done
	Fault    port.Fault
	X        port.XRead     `clk:"ask"`
	Req      port.ReadReq   `clk:"req"`
	ReadRoom bool           `sim:"always set"`
	Tile     port.TileWrite `clk:"tile"`
	Asleep   bool           `sim:"bookkeeping"` // nothing moves before an input changes
}

// Unit is the WMEM loader.
type Unit struct {
	State
	limits *port.Limits
	widths port.Widths
	act    *activity.Counts
}

// New returns a loader of machine c.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{limits: port.NewLimits(isa.UnitWLD, c), widths: port.WidthsOf(c), act: act}
	u.widths["block"] = port.Index(c.DNNC.Lanes/blockLanes + 1) // up to the first behind the lanes
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return port.Clocked(activity.WLD, u.widths, &u.State, &Out{})
}

// Tick advances the loader by one cycle.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	called := in.Bus.Calls(isa.UnitWLD)
	works, was := called || out.Done.Valid || out.X.Valid || out.Req.Valid || out.Tile.Valid, out.Status
	s.Listen(in.Bus, isa.UnitWLD, u.act)
	out.Done.Valid, out.X.Valid, out.Req.Valid, out.Tile.Valid = false, false, false, false
	out.ReadRoom = true
	out.Status = activity.Idle
	if c := s.Oldest(); c != nil {
		s.Tag = c.Tag
		out.Status = activity.WaitMemory
		if c.Op == isa.OpWLDErrors {
			u.errors(c, in, out)
		} else {
			u.weights(c, in, out)
		}
		works = u.ask(in, out) || works || out.Req.Valid
	} else if called {
		s.Tag = in.Bus.Tag
	}
	works = works || out.Status == activity.Busy || out.Status != was
	if works {
		u.act.Rows[s.Tag][activity.ActiveWLD]++
	}
	out.Fault = s.Fault
	out.Asleep = !works && out.Status.Waits()
}

// count counts two events of a command.
func (u *Unit) count(c *port.Cmd, a, b activity.Event) {
	row := &u.act.Rows[c.Tag]
	row[a]++
	row[b]++
}

// done ends the oldest command; its buffer is full.
func (u *Unit) done(c *port.Cmd, out *Out) {
	s := &u.State
	out.Tile.Full = true
	out.Done = s.Retire()
	s.Sent, s.Row, s.Group = false, 0, 0
	s.Asking--
	if s.Landing > 0 {
		s.Landing--
	}
}

// free reports whether a buffer has been released as often as it was filled.
func (u *Unit) free(in *In, buf uint16) bool { return in.Freed[buf] == u.Filled[buf] }

// check faults, once, on parameters that a command cannot have.
func (u *Unit) check(c *port.Cmd) bool {
	s := &u.State
	s.Checked = s.Checked || u.limits.Check(c, nil, &s.Fault)
	return s.Checked
}

// pitch is the number of bytes from one row to the next.
func pitch(c *port.Cmd) uint32 {
	if v := c.P[isa.WLDPitch]; v != 0 && !c.Is(isa.FlagT) {
		return v
	}
	return rowBytes
}

// ask requests one burst for the oldest command, or ahead for the next one, that still has some to request. It reports
// whether it sent a request or began a command.
func (u *Unit) ask(in *In, out *Out) bool {
	s := &u.State
	if s.Begun && !in.XRoom {
		return false
	}
	c := s.Queue.At(s.Asking)
	if c == nil || c.Op == isa.OpWLDErrors || s.Fault.Code != port.FaultNone || !s.mayAsk(c) {
		return false
	}
	buf, begins := c.Flags&isa.FlagB1, !s.Begun
	if begins {
		if !u.check(c) {
			return false
		}
		if !u.free(in, buf) {
			if s.Asking == 0 {
				out.Status = activity.WaitWeight
			}
			return false
		}
		s.Begun, s.Checked, s.Ask = true, false, walk{}
		s.Filled[buf]++
	}
	turn := c.Is(isa.FlagT) && s.Ask.D == 0
	sends := in.XRoom && !(turn && s.Booked == numTurns)
	if begins || sends {
		u.act.Rows[c.Tag][clockAsk]++
	}
	if !sends {
		return begins
	}
	if turn {
		s.Booked++
	}
	out.X = port.XRead{Valid: true, Addr: u.address(c), Tag: c.Tag}
	if s.Ask.next(c) {
		s.Begun = false
		s.Asking++
	}
	return true
}

// mayAsk reports whether c's bursts may be requested now. One command ahead of the oldest is allowed, but its bursts
// must not meet the oldest command's writes on the one WMEM write port.
func (s *State) mayAsk(c *port.Cmd) bool {
	if s.Asking == 0 {
		return true
	}
	oldest := s.Queue.At(0)
	return s.Asking == 1 && oldest.Op == isa.OpWLDWeights && (!oldest.Is(isa.FlagT) || c.Is(isa.FlagT))
}

// address of the burst at the place s.Ask.
func (u *Unit) address(c *port.Cmd) uint32 {
	a := &u.Ask
	base := c.P[isa.WLDXAddr] + uint32(a.A)*c.P[isa.WLDXStep]
	if c.Is(isa.FlagT) {
		return base + (16*uint32(a.C)+uint32(a.D))*rowBytes + port.BurstBytes*uint32(a.B)
	}
	return base + uint32(a.B)*pitch(c) + port.BurstBytes*uint32(a.C)
}

// next moves to the next burst of a load and reports whether that was the last one.
func (a *walk) next(c *port.Cmd) bool {
	turned := c.Is(isa.FlagT)
	if turned {
		if a.D++; a.D < turnSize {
			return false
		}
		a.D = 0
	}
	groups := uint8(c.P[isa.WLDGroups])
	if a.C++; a.C < min(groups-4*a.A, 4) {
		return false
	}
	a.C = 0
	rows := uint8(c.P[isa.WLDRows])
	if turned {
		rows = (rows + turnSize - 1) / turnSize
	}
	if a.B++; a.B < rows {
		return false
	}
	a.B = 0
	a.A++
	return 4*a.A >= groups
}

// weights lands bursts of the oldest command.
func (u *Unit) weights(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	if c.Is(isa.FlagT) {
		u.readTurn(c, out)
	}
	if !in.Resp.Valid || in.Resp.Port != port.XPortWLD {
		return
	}
	out.Status = activity.Busy
	l := s.Queue.At(s.Landing)
	if l.Is(isa.FlagT) {
		u.writeTurn(l, &in.Resp.Data)
		return
	}
	at := s.Land
	last := s.Land.next(l)
	u.count(l, clockLand, clockTile)
	t := &out.Tile
	t.Valid, t.Full = true, false
	t.Buf, t.Row, t.Group = uint8(l.Flags&isa.FlagB1), at.B, 4*at.A+at.C
	t.Split, t.Tag = uint8(l.P[isa.WLDSplit]), l.Tag
	port.GetGroup(&in.Resp.Data, &t.Data)
	if last {
		s.Land = walk{}
		u.done(l, out)
	}
}

// writeTurn puts 16 elements of a row into the corner-turn array that is being filled.
func (u *Unit) writeTurn(l *port.Cmd, row *port.Burst) {
	s := &u.State
	t := &s.Turn[s.TurnIn]
	at := s.Land
	if at.D == 0 {
		rows := uint8(l.P[isa.WLDRows])
		t.Base, t.Cols, t.Lane, t.Out = turnSize*at.B, min(turnSize, rows-turnSize*at.B), 4*at.A+at.C, 0
	}
	port.GetGroup(row, &t.Cell[at.D])
	t.In = at.D + 1
	u.count(l, activity.CornerTurn, clockTurn)
	u.act.Rows[l.Tag][clockLand]++
	t.Last = s.Land.next(l)
	if t.In == turnSize {
		s.TurnIn = (s.TurnIn + 1) % numTurns
	}
	if t.Last {
		s.Land = walk{}
		s.Landing++
	}
}

// readTurn writes one column of a full corner-turn array as a piece of a WMEM row.
func (u *Unit) readTurn(c *port.Cmd, out *Out) {
	s := &u.State
	t := &s.Turn[s.TurnOut]
	if t.In < turnSize {
		return
	}
	out.Status = activity.Busy
	u.count(c, clockTurn, clockTile)
	out.Tile.Valid, out.Tile.Full = true, false
	out.Tile.Buf, out.Tile.Row, out.Tile.Group = uint8(c.Flags&isa.FlagB1), t.Base+t.Out, t.Lane
	out.Tile.Split, out.Tile.Tag = uint8(c.P[isa.WLDSplit]), c.Tag
	for i := range t.Cell {
		out.Tile.Data[i] = t.Cell[i][t.Out]
	}
	if t.Out++; t.Out < t.Cols {
		return
	}
	t.In = 0
	s.Booked--
	s.TurnOut = (s.TurnOut + 1) % numTurns
	if t.Last {
		u.done(c, out)
	}
}

// errors streams raw rows from OMEM.
func (u *Unit) errors(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	buf := c.Flags & isa.FlagB1
	if !s.Sent {
		out.Status = activity.WaitWeight
		if !u.check(c) || !u.free(in, buf) {
			return
		}
		out.Status = activity.WaitOperand
		if !in.ReqRoom {
			return
		}
		out.Req = port.ReadReq{
			Valid: true, Addr: c.P[isa.WLDSrc], Groups: uint16(c.P[isa.WLDGroups]), Rows: uint8(c.P[isa.WLDRows]),
			Stride: c.P[isa.WLDSStep], Tag: c.Tag, PC: c.PC,
		}
		u.act.Rows[c.Tag][clockReq]++
		s.Filled[buf]++
		s.Sent, s.Checked = true, false
		s.Asking = 1
		return
	}
	out.Status = activity.WaitOperand
	if !in.Read.Valid {
		return
	}
	out.Status = activity.Busy
	u.count(c, clockLand, clockTile)
	out.Tile = port.TileWrite{Valid: true, Buf: uint8(buf), Row: s.Row, Group: s.Group, Split: uint8(c.P[isa.WLDSplit]), Tag: c.Tag, Data: in.Read.Data}
	if s.Group++; uint32(s.Group) == c.P[isa.WLDGroups] {
		s.Group = 0
		if s.Row++; uint32(s.Row) == c.P[isa.WLDRows] {
			u.done(c, out)
		}
	}
}
