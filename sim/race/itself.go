package race

import "bdfasim/isa"

// readsForOne says how many pieces a command reads for one that it writes over them; 0: it may not
// write over what it reads. Absent are those that do not read and write the same memory.
var readsForOne = map[isa.Op]int{
	isa.OpMomW: 1, isa.OpMomB: 1, isa.OpNormGrad: 2, isa.OpLossCE: 1,
	isa.OpNormFwd: 0, isa.OpNormBack: 0, isa.OpEPCRun: 0, isa.OpDMACopy: 0,
}

// itself is what a command has done to the memory that it reads and writes.
type itself struct {
	forOne        int
	reads, writes int
	read          map[place]int // number of the last read
	wrote         map[place]bool
}

type place struct {
	in   isa.Space
	addr uint32
}

func newItself(op isa.Op) *itself {
	n, both := readsForOne[op]
	if !both {
		return nil
	}
	return &itself{forOne: n, read: map[place]int{}, wrote: map[place]bool{}}
}

// inPlace notes an access. It reports whether the command has left the place alone until then, or
// reads and writes it for one element.
func (t *itself) inPlace(act isa.Act, in isa.Space, addr uint32) bool {
	if in != isa.External && in != isa.OMEM {
		return true
	}
	at := place{in, addr}
	if act != isa.Write {
		t.read[at] = t.reads
		t.reads++
		return !t.wrote[at]
	}
	n, read := t.read[at]
	good := !read || t.forOne > 0 && n/t.forOne == t.writes
	t.wrote[at] = true
	t.writes++
	return good
}
