package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// job is one command with its operands: x[sample][element], and the WMEM tile that is loaded before
// it. How OMEM finds the operands of a window is OMEM's: here it is the request that is checked.
type job struct {
	op                      isa.Op
	flags                   uint16
	nb, rows, groups, split int
	x                       [128][64]int16
	win                     port.Window
	load                    bool // a new tile comes before this command
	tile                    [64][1024]int16
	wrows                   int
}

func (j *job) buf() int { return int(j.flags & isa.FlagB1) }

func (j *job) upd() bool { return j.flags&isa.FlagUpd != 0 }

// place is the buffer of WMEM that has the weights, and the first of their rows in it.
func (j *job) place() (buf, row int) {
	if j.upd() {
		return 1, 32 * j.buf()
	}
	return j.buf(), 0
}

// put stores the weights of a job in a WMEM of so many lanes, in the lanes of every stream.
func (j *job) put(wmem []int16, lanes int) {
	if !j.load {
		return
	}
	buf, base := j.place()
	width := lanes >> j.split
	for r := range j.wrows {
		for lane := range lanes {
			if lane%width < 16*j.groups {
				wmem[(64*buf+base+r)*lanes+lane] = j.tile[r][lane%width]
			}
		}
	}
}

// params lists the parameter registers.
func (j *job) params(src uint32) []uint32 {
	w := &j.win
	flip := uint32(0)
	if w.Flip {
		flip = 1
	}
	return []uint32{
		isa.DNNCSrc: src, isa.DNNCSStep: 3, isa.DNNCNB: uint32(j.nb), isa.DNNCRows: uint32(j.rows), isa.DNNCGroups: uint32(j.groups),
		isa.DNNCSplit: uint32(j.split), isa.DNNCTaps: uint32(w.Taps), isa.DNNCChan: uint32(w.Chan),
		isa.DNNCOut: uint32(w.OH)<<16 | uint32(w.OW), isa.DNNCIn: uint32(w.IH)<<16 | uint32(w.IW), isa.DNNCAt: uint32(w.Y)<<16 | uint32(w.X),
		isa.DNNCTap: uint32(w.KW)<<16 | uint32(w.KY)<<8 | uint32(w.KX), isa.DNNCStep: uint32(w.Stride) | uint32(w.Div)<<4 | flip<<8,
		isa.DNNCOff: uint32(uint16(w.YOff))<<16 | uint32(uint16(w.XOff)), isa.DNNCNStep: w.NStep,
	}
}

// items lists what OMEM sends for a job.
func (j *job) items() (list [port.NumStreams][]port.XItem) {
	end := port.XItem{Valid: true, EOS: true, Sample: 17, Elem: 40, X: 99}
	add := func(i, b, e int) {
		if j.x[b][e] != 0 {
			list[i] = append(list[i], port.XItem{Valid: true, X: j.x[b][e], Elem: uint8(e), Sample: uint8(b)})
		}
	}
	if j.op == isa.OpDNNCGrad {
		for e := range j.rows {
			if e == 32 {
				list[0] = append(list[0], end)
			}
			for b := range j.nb {
				add(0, b, e)
			}
		}
		list[0] = append(list[0], end)
		return list
	}
	for b := range j.nb {
		for e := range j.rows {
			add(b%(1<<j.split), b, e)
		}
	}
	for i := range 1 << j.split {
		list[i] = append(list[i], end)
	}
	return list
}

// given is a bank as the twin expects it at its handover.
type given struct {
	toMom bool
	data  []int64 // row, lane
}

// twin computes all banks with plain loops. Each kind of command has its own sums, since they may
// be nested.
func (b *bench) twin() (banks []given) {
	lanes := b.u.lanes
	w := make([]int16, 2*64*lanes)
	var acc, sum given
	var half [2]given
	begin := func(g *given, j *job, toMom bool) {
		if j.flags&isa.FlagFirst != 0 {
			*g = given{toMom, make([]int64, 32*lanes)}
		}
	}
	end := func(g *given, j *job) {
		if j.flags&isa.FlagLast != 0 {
			banks = append(banks, *g)
		}
	}
	for _, j := range b.jobs {
		j.put(w, lanes)
		buf, base := j.place()
		t := w[(64*buf+base)*lanes:]
		switch j.op {
		case isa.OpDNNCMac:
			begin(&acc, j, false)
			for b := range j.nb {
				first := b % (1 << j.split) * (lanes >> j.split)
				for e := range j.rows {
					for lane := first; lane < first+16*j.groups; lane++ {
						acc.data[(b>>j.split)*lanes+lane] += int64(j.x[b][e]) * int64(t[e*lanes+lane])
					}
				}
			}
			end(&acc, j)
		case isa.OpDNNCGrad:
			for h := range (j.rows + 31) / 32 {
				begin(&half[h], j, true)
				for e := 32 * h; e < min(j.rows, 32*h+32); e++ {
					for b := range j.nb {
						for l := range 16 * j.groups {
							half[h].data[e%32*lanes+l] += int64(j.x[b][e]) * int64(t[b*lanes+l])
						}
					}
				}
				end(&half[h], j)
			}
		case isa.OpDNNCOnes:
			begin(&sum, j, true)
			for b := range j.nb {
				for l := range 16 * j.groups {
					sum.data[l] += int64(t[b*lanes+l])
				}
			}
			end(&sum, j)
		}
	}
	return banks
}
