// Package porttest plays the neighbours of a unit in that unit's tests: an OMEM with one stream and one write port that
// keeps the handshake of package port to the letter, with or without random stalls.
package porttest

import (
	"fmt"
	"math/rand/v2"

	"bdfasim/rtl/port"
)

// FirstGroup is the number of cycles from the tick in which a unit sends a request to the tick in which it sees the
// first group, when nothing stalls.
const FirstGroup = 2

const writePlaces = 4

// OMEM is a memory of 64-bit words behind one read stream and one write port. Its exported flags are registers: what
// the unit sees in the next cycle.
type OMEM struct {
	Words []uint64
	Rand  *rand.Rand // nil: never stalls, and writes are committed when they arrive

	Read      port.ReadData
	ReqRoom   bool
	WriteRoom bool
	WriteIdle bool

	req    port.ReadReq
	row    uint8
	col    uint16
	writes []port.WriteReq
	slow   bool // stalls come in spells
}

// New returns a memory of n words that all hold fill.
func New(n int, fill uint64, r *rand.Rand) *OMEM {
	m := &OMEM{Words: make([]uint64, n), Rand: r, ReqRoom: true, WriteRoom: true, WriteIdle: true}
	for i := range m.Words {
		m.Words[i] = fill
	}
	return m
}

// Put stores lanes as the group at word address addr.
func (m *OMEM) Put(addr uint32, g *port.Group) {
	for w := range 4 {
		m.Words[int(addr)+w] = 0
		for l := range 4 {
			m.Words[int(addr)+w] |= uint64(uint16(g[4*w+l])) << (16 * l)
		}
	}
}

// Get returns the group at word address addr.
func (m *OMEM) Get(addr uint32) (g port.Group) {
	for l := range g {
		g[l] = int16(m.Words[int(addr)+l/4] >> (16 * (l % 4)))
	}
	return g
}

// Pending tells whether a write is not yet committed.
func (m *OMEM) Pending() bool { return len(m.writes) > 0 }

// chance decides whether something moves in this cycle.
func (m *OMEM) chance() bool {
	switch {
	case m.Rand == nil:
		return true
	case m.slow:
		return m.Rand.IntN(12) == 0
	}
	return m.Rand.IntN(3) > 0
}

// Tick is one clock cycle. The arguments are the unit's registers before the cycle. It panics when the unit breaks the
// handshake.
func (m *OMEM) Tick(req *port.ReadReq, readRoom bool, write *port.WriteReq) {
	if m.Rand != nil && m.Rand.IntN(64) == 0 {
		m.slow = !m.slow
	}
	m.Read.Valid = false
	if req.Valid {
		if m.req.Valid {
			panic("porttest: request while a stream is running")
		}
		if req.Groups < 1 || req.Groups > port.MaxGroups || req.Rows < 1 {
			panic(fmt.Sprintf("porttest: stream of %d rows of %d groups", req.Rows, req.Groups))
		}
		m.req, m.row, m.col = *req, 0, 0
	}
	if m.req.Valid && readRoom && m.chance() {
		m.send()
	}
	m.ReqRoom = !m.req.Valid && m.chance()
	if write.Valid {
		if len(m.writes) == writePlaces || write.Addr%4 != 0 {
			panic(fmt.Sprintf("porttest: write to %d with %d of %d places taken", write.Addr, len(m.writes), writePlaces))
		}
		m.writes = append(m.writes, *write)
	}
	if len(m.writes) > 0 && m.chance() {
		m.Put(m.writes[0].Addr, &m.writes[0].Data)
		m.writes = append(m.writes[:0], m.writes[1:]...)
	}
	m.WriteRoom = writePlaces-len(m.writes) >= 2
	m.WriteIdle = len(m.writes) == 0
}

// send puts the next group of the stream on Read.
func (m *OMEM) send() {
	m.Read.Valid = true
	m.Read.Data = m.Get(m.req.Addr + uint32(m.row)*m.req.Stride + 4*uint32(m.col))
	if m.col++; m.col < m.req.Groups {
		return
	}
	m.col = 0
	if m.row++; m.row == m.req.Rows {
		m.req.Valid = false
	}
}
