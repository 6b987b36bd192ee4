package predict

// Lost are the measured losses by name, for the test that measures them.
var Lost = map[string]*float64{
	"turn": &lost.turn, "mixed": &lost.mixed, "rowDelay": &lost.rowDelay, "normShare": &lost.normShare,
	"block": &lost.block, "row": &lost.row, "scattered": &lost.scattered, "update": &lost.update,
}

var Usable = usable
