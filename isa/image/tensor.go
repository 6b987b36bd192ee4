package image

// The layouts of tensors. Elements are counted with the last index fastest; bits of a memory from
// the lowest of address 0, so that a number is little-endian.
const (
	// Rows: the elements of a row lie one behind another, a row is Stride behind the one before. The
	// last dimension is a row; of a tensor with one dimension, each element.
	Rows = "rows"

	// Blocks of 64 x 64 weights, Stride bytes each. Shape: taps, outputs, inputs, or the last two. A
	// block's row is an input, its column an output. Inputs from 64 on lie in further blocks, as do
	// taps; where a tap has fewer inputs, 64/inputs taps lie below each other in a block. Blocks of
	// the first 64 outputs come before those of the next.
	Blocks = "blocks"

	// RLC64 and RLC32: a compressed map of OMEM in blocks of 64 or 32 elements of a sample, which is
	// the first dimension. Addr is the pointer of the first block and Stride the pointers of a
	// sample; a pointer tells the block's words and whether they are raw (package rtl/omem).
	RLC64 = "rlc64"
	RLC32 = "rlc32"
)

// Tensor says where a tensor of the network lies and how, for dumps and comparisons with the
// golden models. Elements of less than 16 bits have no sign, others are in two's complement.
type Tensor struct {
	Name   string
	Space  string // xmem (byte addresses), omem (words of 64 bits) or mask (words of 16 bits)
	Layout string // a free word; those above are known to Bit
	Addr   uint32 // in units of the space
	Stride uint32 // from one row, block or sample to the next, in units of the space
	Shape  []int  // 1 to MaxDims dimensions of at least 1, the slowest first
	Bits   int    // width of an element, 1 to 64
	Frac   int    // fraction bits
	Layer  int    // from 0; -1: belongs to none
}

// Tensor finds a tensor by name.
func (m *Image) Tensor(name string) (*Tensor, bool) {
	for i := range m.Tensors {
		if m.Tensors[i].Name == name {
			return &m.Tensors[i], true
		}
	}
	return nil, false
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// unit is the width of what an address of the tensor's space counts.
func (t *Tensor) unit() uint64 {
	switch t.Space {
	case "omem":
		return 64
	case "mask":
		return 16
	}
	return 8
}

// Bit returns the number of the lowest bit of element k in the memory of the tensor's space; ok is
// false where the layout has no such place.
func (t *Tensor) Bit(k int) (at uint64, ok bool) {
	last := t.Shape[len(t.Shape)-1]
	first := uint64(t.Addr) * t.unit()
	switch {
	case t.Layout == Rows && len(t.Shape) == 1:
		return first + uint64(k)*uint64(t.Stride)*t.unit(), true
	case t.Layout == Rows:
		return first + uint64(k/last)*uint64(t.Stride)*t.unit() + uint64(k%last*t.Bits), true
	case t.Layout == Blocks && len(t.Shape) > 1:
		return first + uint64(t.block(k)*t.Bits), true
	}
	return 0, false
}

// block returns the number of element k among those of all blocks.
func (t *Tensor) block(k int) int {
	in, out := t.Shape[len(t.Shape)-1], t.Shape[len(t.Shape)-2]
	c, j, tap := k%in, k/in%out, k/(in*out)
	taps := t.Len() / (in * out)
	deep := (in + 63) / 64 // blocks of a tap
	kb, row, all := tap*deep+c/64, c%64, taps*deep
	if per := 64 / in; per > 1 {
		kb, row, all = tap/per, tap%per*in+c, (taps+per-1)/per
	}
	return ((j/64*all+kb)*64+row)*64 + j%64
}

// Int returns element k out of the bytes of its memory, from address 0. It panics, as an index
// does, where they do not hold it, and when Bit does not know the layout.
func (t *Tensor) Int(mem []byte, k int) int64 {
	at, ok := t.Bit(k)
	if !ok {
		panic("image: tensor " + t.Name + ": layout " + t.Layout + " has no places of elements")
	}
	v := uint64(0)
	for n, b := range mem[at/8 : (at+uint64(t.Bits)+7)/8] {
		v |= uint64(b) << (8 * n)
	}
	v = v >> (at % 8) << (64 - t.Bits) // no element of more than 57 bits begins within a byte
	if t.Bits < 16 {
		return int64(v >> (64 - t.Bits))
	}
	return int64(v) >> (64 - t.Bits)
}

// Set puts element k, of whole bytes, into the bytes of its memory, as Int finds it there.
func (t *Tensor) Set(mem []byte, k int, v int64) {
	at, ok := t.Bit(k)
	if !ok || (at|uint64(t.Bits))%8 != 0 {
		panic("image: tensor " + t.Name + ": has no places of whole bytes")
	}
	for n := range t.Bits / 8 {
		mem[at/8+uint64(n)] = byte(v >> (8 * n))
	}
}
