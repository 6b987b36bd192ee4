package predict

import "bdfasim/isa/machine"

// Fitted are the losses that networks tell, by name, for the test that tries others.
var Fitted = map[string]*float64{
	"mixed": &lost.mixed, "rowDelay": &lost.rowDelay, "normShare": &lost.normShare, "block": &lost.block,
}

// Losses are those of a machine that the chip tells, by name, for the test that measures them.
func Losses(c *machine.Config) map[string]float64 {
	m := memoryOf(c)
	return map[string]float64{
		"turn": m.chunks, "shared": m.shared, "row": m.row, "scattered": m.scattered, "update": m.update, "usable": m.usable,
	}
}
