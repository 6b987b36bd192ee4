package depc

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// storeSigns writes an entry of the sign memory.
func (u *Unit) storeSigns(w *port.SignWrite) {
	if int(w.Entry) >= len(u.SignMem) {
		u.Fault.Raise(port.FaultParam, w.PC, uint64(isa.DEPCEntry)<<32|uint64(w.Entry))
		return
	}
	for i := range signWords {
		u.SignMem[w.Entry][i] = binary.LittleEndian.Uint64(w.Data[8*i:])
	}
	u.act.Rows[w.Tag][activity.SignWrite]++
}

// takeSigns loads the sign registers for the group and pass whose first sample is issued in this cycle; it reports
// whether the signs are there.
func (u *Unit) takeSigns(cmd *port.Cmd, in *In, out *Out) bool {
	if cmd.Is(isa.FlagSRAM) {
		if !u.NextValid {
			return false
		}
		unpack(&u.Next, u.passClasses(), &u.Sign)
		u.NextValid = false
		return true
	}
	// In the cycle after a take, RNGFull still tells of the fill that was taken.
	if !in.RNGFull || u.Took {
		return false
	}
	unpack(&in.RNGReg, u.passClasses(), &u.Sign)
	out.RNGTake = true
	return true
}

// fetchSigns reads the entry of the next group and pass while the present one is worked on.
func (u *Unit) fetchSigns(cmd *port.Cmd) {
	if u.NextValid || u.NextLeft == 0 {
		return
	}
	u.Next, u.NextValid = u.SignMem[u.NextEntry], true
	u.NextEntry++
	u.NextLeft--
	u.act.Rows[cmd.Tag][activity.SignRead]++
}

// unpack deals the bits out, neuron-major and class-minor: bit t*c + i of reg becomes bit i of sign[t].
func unpack(reg *[signWords]uint64, c int, sign *[lanes]uint16) {
	for t := range sign {
		at := t * c
		v := reg[at>>6&(signWords-1)] >> (at & 63)
		if at&63+c > 64 {
			v |= reg[(at>>6+1)&(signWords-1)] << (64 - at&63)
		}
		sign[t] = uint16(v) & uint16(1<<c-1)
	}
}
