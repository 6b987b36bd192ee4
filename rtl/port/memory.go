package port

// Two memories serve several units: the accumulators and the f' masks. A unit puts a request into a
// register; in the next cycle the netlist reads or writes the memory, and what was read stands in
// the unit's In, as the output of a synchronous memory does.

// AccReq reads 16 lanes of a row of the accumulators. Only the unit that owns the bank (BankHead)
// reads it, so there is nothing to arbitrate.
type AccReq struct {
	Valid bool  `bits:"1" clk:""`
	Bank  uint8 `bits:"bank" valid:"Valid"`
	Row   uint8 `bits:"5" valid:"Valid"`
	Group uint8 `bits:"group" valid:"Valid"` // of 16 lanes
}

// AccData are the 16 sums that were requested in the cycle before, modulo 2^AccBits with whatever
// stands above.
type AccData = [16]int64

// MaskReq reads or writes a word of the f' mask memory: the bits of 16 neurons.
type MaskReq struct {
	Valid bool   `bits:"1" clk:""`
	Write bool   `bits:"1" valid:"Valid"`
	Addr  uint32 `bits:"mask" valid:"Valid"` // word
	Data  uint16 `bits:"16" valid:"Valid"`   // of a write
}

// MaskData answers a MaskReq of the cycle before. Without Valid the port had to wait: the memory has
// one port, which serves the drain first. The unit leaves its request as it is.
type MaskData struct {
	Valid bool   `bits:"1"`
	Data  uint16 `bits:"16" valid:"Valid"` // of a read
}
