package race

import "bdfasim/isa"

// readsForOne says how many pieces a command reads for one that it writes over them; 0: it may not
// write over what it reads. Absent are those that do not read and write the same memory.
var readsForOne = map[isa.Op]int{
	isa.OpMomW: 1, isa.OpMomB: 1, isa.OpNormGrad: 2, isa.OpLossCE: 1,
	isa.OpNormFwd: 0, isa.OpNormBack: 0, isa.OpEPCRun: 0, isa.OpDMACopy: 0,
}

// itself is what a command has done to external memory and OMEM.
type itself struct {
	forOne        int
	reads, writes int
	read          map[place]int // number of the last read; nil: they do not matter
	wrote         map[place]bool
}

type place struct {
	in   isa.Space
	addr uint32
}

func newItself(op isa.Op) *itself {
	t := &itself{wrote: map[place]bool{}}
	if n, both := readsForOne[op]; both {
		t.forOne, t.read = n, map[place]int{}
	}
	return t
}

// inPlace notes an access. It reports whether the command has left the place alone until then, or
// reads and writes it for one element, once.
func (t *itself) inPlace(act isa.Act, in isa.Space, addr uint32) bool {
	at := place{in, addr}
	switch {
	case in != isa.External && in != isa.OMEM:
		return true
	case act == isa.Write:
		n, read := t.read[at]
		good := !t.wrote[at] && (!read || t.forOne > 0 && n/t.forOne == t.writes)
		t.wrote[at] = true
		t.writes++
		return good
	case t.read != nil:
		t.read[at] = t.reads
		t.reads++
	}
	return !t.wrote[at]
}
