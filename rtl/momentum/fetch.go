package momentum

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// next goes to the next chunk of a command, and reports whether the one left was the last of its half and its command.
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
	rows, lanes := shape(c)
	if int(w.Block)+1 < blocks(lanes) {
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

func blocks(lanes int) int { return (lanes + blockLanes - 1) / blockLanes }

// fetch reads ahead, through the queued commands, as far as the ring has places. It takes one cycle to check a command.
func (u *Unit) fetch(in *In, out *Out) bool {
	s := &u.State
	f := &s.Fetch
	c := s.Queue.At(f.Cmd)
	if c == nil {
		return false
	}
	if !f.Checked {
		if u.limits.Check(c, nil, &s.Fault) {
			f.Checked, f.Alone = true, u.overlaps(f.Cmd)
		}
		return true
	}
	if !in.ReadRoom || f.Alone && f.Cmd > 0 || f.Burst == 0 && int(s.Used) == u.chunks {
		return false
	}
	if f.Burst == 0 {
		u.open(c)
	}
	ch := &s.Ring[s.Alloc]
	out.Read.Valid, out.Read.Tag, out.Read.Addr = true, c.Tag, ch.address(f.Burst)
	if f.Burst++; f.Burst == ch.bursts() {
		f.Burst = 0
		s.Alloc = u.after(s.Alloc)
		if ch.EndCmd {
			f.Cmd++
			f.Checked = false
		}
	}
	return true
}

// open takes the next place of the ring for the chunk at Fetch.At and goes on to the next.
func (u *Unit) open(c *port.Cmd) {
	s := &u.State
	at := s.Fetch.At
	_, lanes := shape(c)
	ch := &s.Ring[s.Alloc]
	ch.Slot = (s.Queue.Head + s.Fetch.Cmd) % port.QueueDepth
	ch.Row, ch.Group = at.Row, at.Block*4+at.Chunk*2
	ch.Bias = c.Op == isa.OpMomB
	ch.First = at.Row == 0 && at.Chunk == 0
	ch.Alone = lanes-blockLanes*int(at.Block) <= chunkLanes
	ch.Got, ch.Finished = 0, 0
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
}

// blockAddr returns the addresses of a command's block of weights and velocities. Biases lie one behind the other:
// their blocks of 64 are 256 and 192 bytes.
func blockAddr(c *port.Cmd, block int) (w, v uint32) {
	b := uint32(block)
	if c.Op == isa.OpMomB {
		return c.P[isa.MomWAddr] + b*blockLanes*4, c.P[isa.MomVAddr] + b*blockLanes*3
	}
	return c.P[isa.MomWAddr] + b*c.P[isa.MomWStep], c.P[isa.MomVAddr] + b*c.P[isa.MomVStep]
}

// overlaps reports whether the next command touches memory that an older one in the queue will
// still write: it must not be read ahead of that.
func (u *Unit) overlaps(index uint8) bool {
	c := u.Queue.At(index)
	for i := range index {
		if u.limits.Touch(c, u.Queue.At(i)) {
			return true
		}
	}
	return false
}
