package momentum

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// next goes to the next chunk of a command, and reports whether the one left was the last of its
// half and its command.
func (w *Walk) next(c *port.Cmd) (endHalf, endCmd bool) {
	rows, lanes := shape(c)
	if w.Chunk == 0 && lanes-blockLanes*int(w.Block) > chunkLanes {
		w.Chunk = 1
		return false, false
	}
	w.Chunk = 0
	if int(w.Row)+1 < min(bankRows, rows-bankRows*int(w.Half)) {
		w.Row++
		return false, false
	}
	w.Row = 0
	return w.nextBlock(c)
}

// nextBlock goes to the next half-block of a command and reports as next does.
func (w *Walk) nextBlock(c *port.Cmd) (endHalf, endCmd bool) {
	rows, _ := shape(c)
	if int(w.Block)+1 < blocks(c) {
		w.Block++
		return false, false
	}
	w.Block = 0
	if bankRows*(int(w.Half)+1) < rows {
		w.Half++
		return true, false
	}
	w.Half = 0
	return true, true
}

// shape returns the rows and lanes of a command; biases are one row.
func shape(c *port.Cmd) (rows, lanes int) {
	if c.Op == isa.OpMomB {
		return 1, int(c.P[isa.MomLanes])
	}
	return int(c.P[isa.MomRows]), int(c.P[isa.MomLanes])
}

// blocks is the number of blocks of 64 lanes of a command.
func blocks(c *port.Cmd) int { return (int(c.P[isa.MomLanes]) + blockLanes - 1) / blockLanes }

// fetch reads ahead, through the commands that were checked, as far as the ring has places.
func (u *Unit) fetch(in *In, out *Out) bool {
	s := &u.State
	f := &s.Fetch
	switch {
	case f.Cmd >= s.Check.Cmd || s.Check.Wait[u.slot(f.Cmd)] > 0 || !in.ReadRoom:
		return false
	case f.Burst == 0 && int(s.Used) == u.chunks:
		return false
	}
	c := s.Queue.At(f.Cmd)
	if f.Burst == 0 {
		u.open(c)
	}
	ch := &s.Ring[s.Alloc]
	out.Read.Valid, out.Read.Tag, out.Read.Addr = true, c.Tag, ch.address(f.Burst)
	u.act.Rows[c.Tag][activity.ClockMomRead]++
	if f.Burst++; f.Burst == ch.bursts() {
		f.Burst = 0
		s.Alloc = u.after(s.Alloc)
		if ch.EndCmd {
			f.Cmd++
		}
	}
	return true
}

// slot is the place in the queue's array of its command i.
func (u *Unit) slot(i uint8) uint8 { return (u.Queue.Head + i) % port.QueueDepth }

// open takes the next place of the ring for the chunk at Fetch.At and goes on to the next.
func (u *Unit) open(c *port.Cmd) {
	s := &u.State
	at := s.Fetch.At
	_, lanes := shape(c)
	ch := &s.Ring[s.Alloc]
	ch.Slot = u.slot(s.Fetch.Cmd)
	ch.Row, ch.Group = at.Row, at.Block*4+at.Chunk*2
	ch.Bias = c.Op == isa.OpMomB
	ch.First = at.Row == 0 && at.Chunk == 0
	ch.Alone = lanes-blockLanes*int(at.Block) <= chunkLanes
	w, v := blockAddr(c, int(at.Block))
	row, chunk := uint32(at.Half)*bankRows+uint32(at.Row), uint32(at.Chunk)
	if ch.Bias {
		ch.WAddr, ch.VAddr = w+chunk*chunkLanes*4, v+chunk*chunkLanes*3
	} else {
		ch.WAddr, ch.VAddr = w+row*blockLanes*2+chunk*chunkLanes*2, v+row*blockLanes*3+chunk*chunkLanes*3
	}
	ch.EndHalf, ch.EndCmd = s.Fetch.At.next(c)
	s.Used++
	s.ToWork++
	u.act.Rows[c.Tag][activity.ClockMomChunk]++
}

// blockAddr returns the addresses of a command's block of weights and velocities. Biases lie one
// behind the other: their blocks of 64 are 256 and 192 bytes.
func blockAddr(c *port.Cmd, block int) (w, v uint32) {
	b := uint32(block)
	if c.Op == isa.OpMomB {
		return c.P[isa.MomWAddr] + b*blockLanes*4, c.P[isa.MomVAddr] + b*blockLanes*3
	}
	return c.P[isa.MomWAddr] + b*c.P[isa.MomWStep], c.P[isa.MomVAddr] + b*c.P[isa.MomVStep]
}

// check looks at the next command of the queue: at its parameters, then whether it touches memory
// that an older one will still write, so that it must not be read ahead of that.
func (u *Unit) check() bool {
	s := &u.State
	k := &s.Check
	c := s.Queue.At(k.Cmd)
	if c == nil {
		return false
	}
	slot := u.slot(k.Cmd)
	switch {
	case !k.Begun:
		if !u.limits.Check(c, nil, &s.Fault) {
			return true
		}
		k.Begun, k.Old, k.Pair, k.Wait[slot] = true, 0, 0, 0
	case k.Old < k.Cmd:
		old := s.Queue.At(k.Old)
		if k.Pair++; int(k.Pair) < blocks(c)*blocks(old) {
			return true
		}
		k.Old++
		k.Pair = 0
		if u.limits.Touch(c, old) {
			k.Wait[slot] = k.Old
		}
	}
	if k.Old == k.Cmd {
		k.Cmd++
		k.Begun = false
	}
	return true
}

// retire forgets the oldest command.
func (k *Check) retire() {
	k.Cmd--
	if k.Old > 0 {
		k.Old--
	} else {
		k.Pair = 0
	}
	for i := range k.Wait {
		k.Wait[i] = max(k.Wait[i], 1) - 1
	}
}
