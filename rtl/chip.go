package rtl

import (
	"slices"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc"
	"bdfasim/rtl/dma"
	"bdfasim/rtl/dnnc"
	"bdfasim/rtl/drain"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/lfsr"
	"bdfasim/rtl/loss"
	"bdfasim/rtl/momentum"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
	"bdfasim/rtl/wld"
	"bdfasim/rtl/xmem"
)

// Chip is the whole machine.
type Chip struct {
	cfg   Config
	cycle uint64
	wires Wires
	ins   Inputs
	bus   port.Bus      // SEQ's bus of the last cycle, stable while the units tick
	resp  [2]port.XResp // external memory's answers of the last cycle, likewise
	act   *activity.Counts

	ticking units          // in this cycle
	ticked  units          // in the last cycle: only their wires may have changed
	awake   bool           // tick idle units, too
	fault   port.FaultCode // not zero: a unit has raised a fault

	status  [activity.NumUnits]activity.Status // what each unit did last
	since   [activity.NumUnits]uint64          // the first cycle, from 1 on, in which it did that without a break
	charged [activity.NumUnits]uint64          // cycles that are in the counts
	busy    uint64                             // the last cycle, from 1 on, in which a unit was busy that is so no longer

	xmemory []byte   // external memory
	mask    []uint16 // f' bits

	Seq   *seq.Unit
	DMA   *dma.Unit
	WLD   *wld.Unit
	DNNC  *dnnc.Unit
	Drain *drain.Unit
	Loss  *loss.Unit
	DEPC  *depc.Unit
	Mom   *momentum.Unit
	Norm  *norm.Unit
	EPC   *epc.Unit
	LFSR  *lfsr.Unit
	OMEM  *omem.Unit
	XMem  *xmem.Unit
}

// New builds a chip, or says what is wrong with the configuration.
func New(cfg Config) (*Chip, error) {
	if err := Validate(&cfg); err != nil {
		return nil, err
	}
	c := &Chip{cfg: cfg, act: new(activity.Counts)}
	c.xmemory = make([]byte, cfg.XMem.Bytes)
	c.mask = make([]uint16, cfg.OMEM.MaskWords)
	m := &c.cfg
	c.Seq = seq.New(m, c.act)
	c.DMA = dma.New(m, c.act)
	c.WLD = wld.New(m, c.act)
	c.DNNC = dnnc.New(m, c.act)
	c.Drain = drain.New(m, c.act)
	c.Loss = loss.New(m, c.act)
	c.DEPC = depc.New(m, c.act)
	c.Mom = momentum.New(m, c.act)
	c.Norm = norm.New(m, c.act)
	c.EPC = epc.New(m, c.act)
	c.LFSR = lfsr.New(m, c.act)
	c.OMEM = omem.New(m, c.act)
	c.XMem = xmem.New(m, c.xmemory, c.act)
	for _, bus := range []**port.Bus{&c.ins.DMA.Bus, &c.ins.WLD.Bus, &c.ins.DNNC.Bus, &c.ins.Drain.Bus, &c.ins.Loss.Bus, &c.ins.DEPC.Bus, &c.ins.Mom.Bus, &c.ins.Norm.Bus, &c.ins.EPC.Bus} {
		*bus = &c.bus
	}
	for p := range port.NumXReads {
		*c.listener(p) = &c.resp[0]
	}
	c.reset()
	return c, nil
}

// reset brings the wires of all units that may sleep to what an idle unit drives.
func (c *Chip) reset() {
	const begin = units(1)<<activity.Seq | 1<<activity.XMem
	c.tick(allUnits &^ begin)
	c.ticking, c.ticked = begin, allUnits
}

// Step advances the chip by one cycle: every unit sees what all units drove in the last one, so the order of the
// ticks does not matter. Units that sleep are passed over (see wake).
func (c *Chip) Step() {
	c.tick(c.connect())
	c.cycle++
}

// StepOrder is Step with another order of ticks, for the proof that the order does not matter. order holds each
// number from 0 to activity.NumUnits-1 once.
func (c *Chip) StepOrder(order []int) {
	t := c.connect()
	for _, u := range order {
		c.tick(t & (1 << u))
	}
	c.cycle++
}

// StepWith is Step with inputs that are changed before the units see them, for stalls at random.
func (c *Chip) StepWith(change func(*Inputs)) {
	t := c.connect()
	change(&c.ins)
	c.ticked = allUnits // so the next inputs are computed anew
	c.tick(t)
	c.cycle++
}

// Status returns what each unit did in the last cycle.
func (c *Chip) Status() [activity.NumUnits]activity.Status { return c.status }

// Since returns the cycle, counted from 1 on, since which a unit has done what Status says; 0: it has never done anything.
func (c *Chip) Since(u activity.Unit) uint64 { return c.since[u] }

// LastBusy returns the last cycle, counted from 1 on, in which any unit was busy; 0: there was none. A refresh of external
// memory is no work: that unit is busy in cycles in which it moves a burst.
func (c *Chip) LastBusy() uint64 {
	if slices.Contains(c.status[:], activity.Busy) {
		return c.cycle
	}
	return c.busy
}

// Ticked reports whether a unit ticked in the last cycle; else its wires are what they were.
func (c *Chip) Ticked(u activity.Unit) bool { return c.ticked.has(u) }

// Faulted reports whether any unit has raised a fault.
func (c *Chip) Faulted() bool { return c.fault != port.FaultNone }

// Fault returns the fault of the first unit, in the order of activity.Unit, that has one.
func (c *Chip) Fault() (activity.Unit, port.Fault) {
	w := &c.wires
	for _, f := range []struct {
		unit  activity.Unit
		fault port.Fault
	}{
		{activity.Seq, w.Seq.Fault}, {activity.DMA, w.DMA.Fault}, {activity.WLD, w.WLD.Fault}, {activity.DNNC, w.DNNC.Fault},
		{activity.Drain, w.Drain.Fault}, {activity.Loss, w.Loss.Fault}, {activity.DEPC, w.DEPC.Fault}, {activity.Mom, w.Mom.Fault},
		{activity.Norm, w.Norm.Fault}, {activity.EPC, w.EPC.Fault}, {activity.OMEM, w.OMEM.Fault},
	} {
		if f.fault.Code != port.FaultNone {
			return f.unit, f.fault
		}
	}
	return 0, port.Fault{}
}

// Cycle is the number of cycles since the start.
func (c *Chip) Cycle() uint64 { return c.cycle }

// Config returns the configuration that the chip was built with.
func (c *Chip) Config() Config { return c.cfg }

// Wires gives a view of all registers between the units.
func (c *Chip) Wires() *Wires { return &c.wires }

// Inputs gives a view of what each unit saw in the last cycle in which it ticked.
func (c *Chip) Inputs() *Inputs { return &c.ins }

// Activity gives a view of the event counts, with what was put off: cycles of what units still do, and MACs.
func (c *Chip) Activity() *activity.Counts {
	c.DNNC.Flush()
	for u := range activity.NumUnits {
		c.charge(u)
	}
	return c.act
}

// XMemory is the content of external memory.
func (c *Chip) XMemory() []byte { return c.xmemory }

// MaskMemory is the content of the f' mask memory.
func (c *Chip) MaskMemory() []uint16 { return c.mask }

// Load puts a program and the initial scratch memory in place. External memory is written through XMemory.
func (c *Chip) Load(code []isa.Word, entry uint32, scratch []byte) error {
	if err := c.Seq.Load(code, entry); err != nil {
		return err
	}
	copy(c.Seq.State.Scratch, scratch)
	return nil
}
