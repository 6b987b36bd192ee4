package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// job is one command with its operands: x[sample][element], and the WMEM tile that is loaded before it. How OMEM finds the
// operands of a window is OMEM's: here it is the request that is checked.
type job struct {
	op                      isa.Op
	flags                   uint16
	nb, rows, groups, split int
	x                       [128][64]int16
	win                     port.Window
	load                    bool // a new tile comes before this command
	tile                    [64][256]int16
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

// put stores the weights of a job in WMEM, in the lanes of every stream.
func (j *job) put(wmem *[2][64][256]int16) {
	if !j.load {
		return
	}
	buf, base := j.place()
	width := 256 >> j.split
	for r := range j.wrows {
		for lane := range 256 {
			if lane%width < 16*j.groups {
				wmem[buf][base+r][lane] = j.tile[r][lane%width]
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

// bank is a bank as the twin expects it at its handover.
type bank struct {
	toMom bool
	data  [32][256]int64
}

// twin computes all banks with plain loops. Each kind of command has its own sums, since they may be nested.
func twin(jobs []*job) (banks []bank) {
	var w [2][64][256]int16
	var acc, sum bank
	var half [2]bank
	for _, j := range jobs {
		j.put(&w)
		buf, base := j.place()
		t := w[buf][base:]
		width := 256 >> j.split
		switch j.op {
		case isa.OpDNNCMac:
			if j.flags&isa.FlagFirst != 0 {
				acc = bank{}
			}
			for b := range j.nb {
				for e := range j.rows {
					for l := range 16 * j.groups {
						lane := b%(1<<j.split)*width + l
						acc.data[b>>j.split][lane] += int64(j.x[b][e]) * int64(t[e][lane])
					}
				}
			}
			if j.flags&isa.FlagLast != 0 {
				banks = append(banks, acc)
			}
		case isa.OpDNNCGrad:
			for h := range (j.rows + 31) / 32 {
				if j.flags&isa.FlagFirst != 0 {
					half[h] = bank{toMom: true}
				}
				for e := 32 * h; e < min(j.rows, 32*h+32); e++ {
					for b := range j.nb {
						for l := range 16 * j.groups {
							half[h].data[e%32][l] += int64(j.x[b][e]) * int64(t[b][l])
						}
					}
				}
				if j.flags&isa.FlagLast != 0 {
					banks = append(banks, half[h])
				}
			}
		case isa.OpDNNCOnes:
			if j.flags&isa.FlagFirst != 0 {
				sum = bank{toMom: true}
			}
			for b := range j.nb {
				for l := range 16 * j.groups {
					sum.data[0][l] += int64(t[b][l])
				}
			}
			if j.flags&isa.FlagLast != 0 {
				banks = append(banks, sum)
			}
		}
	}
	return banks
}
