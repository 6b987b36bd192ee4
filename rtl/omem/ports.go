package omem

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const writeDepth = 4

// writeFIFO takes raw groups for memory.
type writeFIFO struct {
	Q    [writeDepth]port.WriteReq `each:"1" clk:"write"`
	Head uint8                     `bits:"2"`
	N    uint8                     `bits:"3"`
}

// tickWriter writes the oldest group if its four banks are free, and takes a new one.
func (u *Unit) tickWriter(f *writeFIFO, in *port.WriteReq) {
	if f.N > 0 {
		q := &f.Q[f.Head]
		if u.claim4(q.Addr) {
			for i := uint32(0); i < 4; i++ {
				u.Mem[q.Addr+i] = packWord(q.Data[4*i : 4*i+4])
			}
			u.act.Rows[q.Tag][activity.OMEMWrite] += 4
			f.Head = (f.Head + 1) % writeDepth
			f.N--
		}
	}
	if !in.Valid {
		return
	}
	if in.Addr%4 != 0 || int(in.Addr)+4 > len(u.Mem) {
		u.Fault.Raise(port.FaultOMEMAddr, in.PC, uint64(in.Addr))
		return
	}
	f.Q[(f.Head+f.N)%writeDepth] = *in
	u.act.Rows[in.Tag][clockWrite]++
	f.N++
	u.moved = true
}

// reader streams groups to a unit.
type reader struct {
	Req   port.ReadReq `clk:"read"` // Valid: not yet all sent
	Row   uint8        `bits:"8"`
	Group uint16       `bits:"8"`
	Line  uint32       `bits:"word"` // address of the row
	At    uint32       `bits:"word"` // ... of the group
}

// tickReader reads one group if the consumer has room and the four banks are free.
func (u *Unit) tickReader(r *reader, in *port.ReadReq, room bool, out *port.ReadData) {
	if r.Req.Valid && room {
		addr := r.At
		if u.claim4(addr) {
			for i := uint32(0); i < 4; i++ {
				w := u.Mem[addr+i]
				d := out.Data[4*i : 4*i+4 : 4*i+4]
				d[0], d[1], d[2], d[3] = int16(w), int16(w>>16), int16(w>>32), int16(w>>48)
			}
			out.Valid, u.sent = true, true
			row := &u.act.Rows[r.Req.Tag]
			row[activity.OMEMRead] += 4
			row[clockReader]++
			row[clockData]++
			r.At += 4
			if r.Group++; r.Group == r.Req.Groups {
				r.Group = 0
				r.Line += r.Req.Stride
				r.At = r.Line
				if r.Row++; r.Row == r.Req.Rows {
					r.Req.Valid = false
				}
			}
		}
	}
	if !in.Valid {
		return
	}
	end := uint64(in.Addr) + uint64(in.Stride)*uint64(in.Rows-1) + 4*uint64(in.Groups)
	if in.Addr%4 != 0 || in.Stride%4 != 0 || in.Rows == 0 || in.Groups == 0 || in.Groups > port.MaxGroups || end > uint64(len(u.Mem)) {
		u.Fault.Raise(port.FaultOMEMAddr, in.PC, uint64(in.Addr))
		return
	}
	*r = reader{Req: *in, Line: in.Addr, At: in.Addr}
	row := &u.act.Rows[in.Tag]
	row[clockRead]++
	row[clockReader]++
	u.began = true
}
