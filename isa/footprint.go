package isa

// BurstBytes is the size of an external access: LPDDR3 x32, burst length 8.
const BurstBytes = 32

// Space is a memory of the machine.
type Space uint8

// The memories.
const (
	External Space = iota
	OMEM
	PtrMem
	MaskMem
	SignMem
	BiasMem
	ScratchMem
	NumSpaces
)

// Spaces is the table of the memories: their names, the unit of their addresses, their size in it,
// and what the first addresses of what units access in one go are multiples of.
var Spaces = [NumSpaces]struct {
	Name, Unit string
	Size       Size
	Align      uint64
}{
	External:   {"external memory", "bytes", XMemBytes, BurstBytes},
	OMEM:       {"OMEM", "words", OMEMWords, 4},
	PtrMem:     {"pointer memory", "pointers", Pointers, 1},
	MaskMem:    {"mask memory", "mask words", MaskWords, 1},
	SignMem:    {"sign memory", "entries", SignEntries, 1},
	BiasMem:    {"bias buffer", "buffers", BiasBuffers, 1},
	ScratchMem: {"scratch memory", "bytes", ScratchBytes, 4},
}

// Act is what a command does with a piece of memory, and when.
type Act uint8

// The acts.
const (
	Nothing   Act = iota + 1 // no memory that others see
	ReadEarly                // read as soon as the command is issued
	ReadLate                 // read when the command has its weights or its bank, in its turn
	Fetch                    // likewise, for scratch memory: the program may look at it
	Follow                   // read early: pointers, and the words of the map that they point to
	Write                    // written
	Region                   // written: words of a compressed map, somewhere between Param and Len
	Update                   // read early, and written in place, element by element
	NumActs
)

// Acts says how the manual calls them.
var Acts = [NumActs]string{
	Nothing: "touches no memory that others see", ReadEarly: "reads early", ReadLate: "reads late",
	Fetch: "reads late", Follow: "follows early", Write: "writes", Region: "writes in a region of",
	Update: "updates in place, element by element,",
}

// Check says what a unit does about an access outside of its memory, or not aligned.
type Check uint8

// The checks.
const (
	Unchecked Check = iota // nothing: the memory does
	ByAlign                // it demands alignment and leaves the rest to the memory
	ByBase                 // it faults with the first address
	ByLast                 // it faults with what is not aligned, or else with the last address
	ByBlock                // it faults with the first address of a block, or if that is good the last
	ByParam                // it faults with the parameter
)

// Access is a piece of memory that a command uses: Len addresses from the one in the clause's
// parameter on, for each element of a matrix of Dims. A dimension that is absent has one element.
type Access struct {
	Act    Act
	Space  Space
	Check  Check
	Whole  bool // of blocks of which some is used, all must lie in the memory
	Window bool // what a window goes through: see throughWindow
	Over   bool // may be written over what is read: see Replaces
	At     Expr // the first address, if it is no parameter
	Len    Expr
	Dims   [2]Dim // rows, columns
	Apart  Expr   // first address of as much memory that is not touched
}

// Dim is a dimension of an access: N elements, Step addresses apart. Per of them make a block, and
// blocks are Jump addresses apart; an absent Per is all of them.
type Dim struct{ N, Step, Per, Jump Expr }

// extent is a dimension of a certain command.
type extent struct{ n, step, per, jump uint64 }

func (a *Access) extents(e *Env) (x [2]extent) {
	for i := range a.Dims {
		d := &a.Dims[i]
		x[i] = extent{1, 0, 1, 0}
		if d.N.op == 0 {
			continue
		}
		n, per := uint64(d.N.Eval(e)), uint64(d.Per.Eval(e))
		x[i] = extent{n, uint64(d.Step.Eval(e)), per, uint64(d.Jump.Eval(e))}
		if x[i].per == 0 {
			x[i].per = max(x[i].n, 1)
		}
	}
	return x
}

// CountsBy calls f for the parameters that say how much an access takes.
func (a *Access) CountsBy(f func(reg int)) {
	for _, x := range [...]*Expr{&a.Len, &a.Dims[0].N, &a.Dims[1].N} {
		x.uses(f)
	}
	for reg := DNNCNB; a.Window && reg < NumDNNCParams; reg++ {
		f(reg)
	}
}

// First is the first address of an access.
func (c *Clause) First(e *Env) uint32 {
	if c.Access.At.op != 0 {
		return uint32(c.Access.At.Eval(e))
	}
	return e.P[c.Param]
}

// length is that of an element: external memory is accessed by bursts.
func (a *Access) length(e *Env) uint64 {
	n := uint64(a.Len.Eval(e))
	if a.Space == External {
		n = (n + BurstBytes - 1) / BurstBytes * BurstBytes
	}
	return n
}

// Spans calls f for the pieces of memory that a command uses: n addresses from one on, block by
// block. Addresses wrap as the units' do.
func (c *Clause) Spans(e *Env, f func(from uint32, n uint64)) {
	a := &c.Access
	n := uint64(a.Len.Eval(e))
	if a.Window {
		throughWindow(e.P, n, f)
		return
	}
	x := a.extents(e)
	row, col := &x[0], &x[1]
	base := uint64(c.First(e))
	for r := uint64(0); r < row.n; r += row.per {
		for c := uint64(0); c < col.n; c += col.per {
			at := base + r/row.per*row.jump + c/col.per*col.jump
			count, run := min(col.per, col.n-c), n
			if col.step == n {
				count, run = 1, count*n
			}
			for i := range min(row.per, row.n-r) {
				for j := range count {
					f(uint32(at+i*row.step+j*col.step), run)
				}
			}
		}
	}
}

// Unaligned returns the first address or distance of an access that is no multiple of what its
// memory wants.
func (c *Clause) Unaligned(e *Env) (v uint64, bad bool) {
	align := Spaces[c.Access.Space].Align
	if v = uint64(c.First(e)); v%align != 0 {
		return v, true
	}
	for _, d := range c.Access.extents(e) {
		switch {
		case d.step%align != 0:
			return d.step, true
		case d.jump%align != 0:
			return d.jump, true
		}
	}
	return 0, false
}

// End is the address behind all that a command uses, and the size of the last piece of it that has
// an address of its own: a burst, or a block if it must lie in the memory as a whole.
func (c *Clause) End(e *Env) (end, piece uint64) {
	a := &c.Access
	end, piece = uint64(c.First(e))+a.length(e), 1
	if a.Space == External {
		piece = BurstBytes
	}
	x := a.extents(e)
	if a.Whole {
		piece = a.length(e)
		for i := range x {
			d := &x[i]
			d.n = (d.n + d.per - 1) / d.per * d.per
			piece += (d.per - 1) * d.step
		}
	}
	for _, d := range x {
		end += d.reach()
	}
	return end, piece
}

// IsApart reports whether an access leaves alone what it must not touch.
func (c *Clause) IsApart(e *Env) bool {
	if c.Access.Apart.op == 0 {
		return true
	}
	other, first, n := uint64(c.Access.Apart.Eval(e)), uint64(c.First(e)), c.Access.length(e)
	return first+n <= other || other+n <= first
}

// Replaces reports whether a write takes the place of a read of the same command, element by
// element: it may do so, and it has the same addresses in the same order.
func (c *Clause) Replaces(e *Env, read *Clause) bool {
	a, b := &c.Access, &read.Access
	return a.Over && (b.Act == ReadEarly || b.Act == ReadLate) && a.Space == b.Space &&
		c.First(e) == read.First(e) && a.length(e) == b.length(e) && a.extents(e) == b.extents(e)
}

// reach is the distance of the farthest element of a dimension.
func (d *extent) reach() uint64 {
	if d.n == 0 {
		return 0
	}
	last := (d.n - 1) / d.per
	far := last*d.jump + (d.n-1-last*d.per)*d.step
	if last > 0 { // where blocks overlap, the whole one before may reach further
		far = max(far, (last-1)*d.jump+(d.per-1)*d.step)
	}
	return far
}

// Block returns the first address of a block of columns, and how many addresses it has; false:
// there is no such block.
func (c *Clause) Block(e *Env, block uint64) (first uint32, n uint64, ok bool) {
	a := &c.Access
	x := a.extents(e)
	row, col := &x[0], &x[1]
	if block*col.per >= col.n {
		return 0, 0, false
	}
	n = a.length(e) + row.reach() + (min(col.per, col.n-block*col.per)-1)*col.step
	return c.First(e) + uint32(block*col.jump), n, true
}
