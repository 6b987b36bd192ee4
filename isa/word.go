package isa

// Word is one 64-bit instruction. From the highest bit, it has 8 bits of op, 4 each of rd, ra and
// rb, 12 of aux and 32 of imm; REFERENCE.md draws it. aux holds a command's flags (ra may name a
// register with further flags, r0 none), or unit << 8 | register for set, seti, get and wait, or
// the phase of mark. imm is signed; branch targets are absolute byte addresses in instruction
// memory.
type Word uint64

// NumRegs is the number of scalar registers; r0 reads as zero.
const NumRegs = 16

// NumParams is the most parameter registers that a unit has.
const NumParams = 16

// WordBytes is the size of an instruction in instruction memory.
const WordBytes = 8

// Version is the ISA version that an image carries; a chip refuses another.
const Version = 1

// Pack builds a word from its fields.
func Pack(op Op, rd, ra, rb uint8, aux uint16, imm int32) Word {
	return Word(op)<<56 | Word(rd&15)<<52 | Word(ra&15)<<48 | Word(rb&15)<<44 |
		Word(aux&0xfff)<<32 | Word(uint32(imm))
}

// Op returns the operation code.
func (w Word) Op() Op { return Op(w >> 56) }

// Rd returns the destination register.
func (w Word) Rd() uint8 { return uint8(w>>52) & 15 }

// Ra returns the first source register.
func (w Word) Ra() uint8 { return uint8(w>>48) & 15 }

// Rb returns the second source register.
func (w Word) Rb() uint8 { return uint8(w>>44) & 15 }

// Aux returns the 12-bit auxiliary field.
func (w Word) Aux() uint16 { return uint16(w>>32) & 0xfff }

// Imm returns the signed immediate.
func (w Word) Imm() int32 { return int32(uint32(w)) }

// AuxUnit returns the unit named in aux.
func (w Word) AuxUnit() Unit { return Unit(w.Aux() >> 8) }

// AuxReg returns the register index named in aux.
func (w Word) AuxReg() uint8 { return uint8(w.Aux()) }
