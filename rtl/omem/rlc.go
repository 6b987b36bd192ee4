package omem

// Run-length code of a block of 64 int16 elements, as in Eyeriss (ISSCC 2016): a word holds three pairs (5-bit run of
// zeros, 16-bit level), pair 0 in the low bits, and in bit 63 a flag that ends the block. A level of 0 extends a run
// (it stands for one more zero) or pads the last word. Zeros behind the last non-zero are not coded, an all-zero block
// has no word, and a block that would need more words than its elements take raw, four a word, is kept raw.
const (
	pairBits = 21
	maxRun   = 31
	lastFlag = uint64(1) << 63
)

// encode codes the first n elements of a block into words and returns how many there are and whether they are raw.
func encode(block *[BlockElems]int16, n int, words *[BlockWords]uint64) (int, bool) {
	var pairs [BlockElems]uint64
	np, run := 0, 0
	for _, v := range block[:n] {
		if v == 0 {
			run++
			continue
		}
		for run > maxRun {
			pairs[np] = maxRun
			np++
			run -= maxRun + 1
		}
		pairs[np] = uint64(run) | uint64(uint16(v))<<5
		np++
		run = 0
	}
	count := (np + 2) / 3
	if count > (n+3)/4 {
		return encodeRaw(block, n, words), true
	}
	for w := 0; w < count; w++ {
		words[w] = pairs[3*w] | pairs[3*w+1]<<pairBits | pairs[3*w+2]<<(2*pairBits)
	}
	if count > 0 {
		words[count-1] |= lastFlag
	}
	return count, false
}

// encodeRaw packs n elements, four a word.
func encodeRaw(block *[BlockElems]int16, n int, words *[BlockWords]uint64) int {
	count := (n + 3) / 4
	for w := 0; w < count; w++ {
		words[w] = packWord(block[4*w : 4*w+4 : 4*w+4])
	}
	return count
}

// packWord packs four elements, element 0 in the low bits.
func packWord(e []int16) uint64 {
	return uint64(uint16(e[0])) | uint64(uint16(e[1]))<<16 | uint64(uint16(e[2]))<<32 | uint64(uint16(e[3]))<<48
}

// nonzero is one decoded element.
type nonzero struct {
	X    int16 `bits:"16"`
	Elem uint8 `bits:"6"`
}

// decodeWord lists the non-zeros of a word whose first element is at place pos of its block. It returns their number,
// the place behind the word, whether the block ends, and whether the word is well-formed.
func decodeWord(w uint64, raw bool, pos int, out *[4]nonzero) (n, next int, last, ok bool) {
	if raw {
		for i := 0; i < 4; i++ {
			if x := int16(w >> (16 * i)); x != 0 && pos+i < BlockElems {
				out[n] = nonzero{x, uint8(pos + i)}
				n++
			}
		}
		return n, pos + 4, false, true
	}
	for i := 0; i < 3; i++ {
		p := w >> (pairBits * i)
		run, level := int(p&maxRun), int16(p>>5)
		if run == 0 && level == 0 {
			// Padding is legal only at the end of the last word.
			rest := w &^ lastFlag >> (pairBits * i)
			return n, pos, w&lastFlag != 0, n > 0 && w&lastFlag != 0 && rest == 0
		}
		pos += run
		if pos >= BlockElems {
			return n, pos, true, false
		}
		if level != 0 {
			out[n] = nonzero{level, uint8(pos)}
			n++
		}
		pos++
	}
	return n, pos, w&lastFlag != 0, n > 0
}

// DecodeBlock expands the words of a block, for observers; it reports whether they are well-formed.
func DecodeBlock(words []uint64, raw bool, block *[BlockElems]int16) bool {
	*block = [BlockElems]int16{}
	pos := 0
	var nz [4]nonzero
	for i, w := range words {
		n, next, last, ok := decodeWord(w, raw, pos, &nz)
		if !ok || (!raw && last != (i == len(words)-1)) {
			return false
		}
		for _, e := range nz[:n] {
			block[e.Elem] = e.X
		}
		pos = next
	}
	return true
}
