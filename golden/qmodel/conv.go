package qmodel

import "fmt"

// Limits of convolutional layers.
const (
	padChannels = 16      // o_K has its channels padded to a multiple of this (section 7)
	noPos       = 15      // pos_i where nothing in the window was above zero
	maxPool     = 3       // a place in a window has four bits, and 15 is taken
	maxTerms    = 1 << 22 // products of int16 in a sum: far from the ends of 64 bits
	minFz       = -8      // with batch normalisation: the variance has 2*Fz + 16 fraction bits, 0..50
	maxFz       = 17
)

// Conv is a convolutional layer with its batch normalisation and max-pooling (sections 7 and 8).
type Conv struct {
	InC, OutC int // C_{i-1} and C_i, channels
	InH, InW  int // H_{i-1} and W_{i-1}, pixels
	Kernel    int // k, edge of the square kernel
	Stride    int // s: 1, 2 or 4
	Pad       int // q, 0..k-1
	Extra     int // q' - q: q' is the padding below and at the right
	Pool      int // p, edge and step of the pooling window: 1 (none), 2 or 3
	BN        bool
	Bias      bool // b_i; without it b_i is zero and stays so
	Fz        int  // fraction bits of z_i; Fo[i] without batch normalisation, else -8..17
	Fd        int  // fraction bits of d_i and h_i; Fe[i] without batch normalisation
}

// ZSize returns X_i and Y_i, height and width of the maps z_i.
func (c *Conv) ZSize() (h, w int) {
	padding := 2*c.Pad + c.Extra
	return (c.InH+padding-c.Kernel)/c.Stride + 1, (c.InW+padding-c.Kernel)/c.Stride + 1
}

// OutSize returns H_i and W_i, height and width of the maps o_i.
func (c *Conv) OutSize() (h, w int) {
	h, w = c.ZSize()
	return h / c.Pool, w / c.Pool
}

// taps returns k*k.
func (c *Conv) taps() int { return c.Kernel * c.Kernel }

// grouped returns how many taps share a block of 64 rows of the matrix that the random words follow; 1 when a tap
// fills blocks of its own (section 7).
func (c *Conv) grouped() int { return max(1, blockSide/c.InC) }

// rowBlocks returns KB, the number of those blocks.
func (c *Conv) rowBlocks() int {
	if c.InC < blockSide {
		return ceilDiv(c.taps(), c.grouped())
	}
	return c.taps() * ceilDiv(c.InC, blockSide)
}

// row returns in which row of that matrix, 64 * kb + r, tap t's channel ch stands.
func (c *Conv) row(t, ch int) int {
	if c.InC < blockSide {
		g := c.grouped()
		return t/g*blockSide + t%g*c.InC + ch
	}
	return t*ceilDiv(c.InC, blockSide)*blockSide + ch
}

// check reports what is wrong with the layer by itself, in batches of up to nb samples.
func (c *Conv) check(nb int) error {
	for _, v := range []struct {
		name             string
		got, least, most int
	}{
		{"input channels", c.InC, 1, maxTerms}, {"output channels", c.OutC, 1, maxTerms},
		{"height", c.InH, 1, maxTerms}, {"width", c.InW, 1, maxTerms},
		{"kernel", c.Kernel, 1, maxTerms}, {"pad", c.Pad, 0, c.Kernel - 1},
		{"pad with extra", c.Pad + c.Extra, 0, c.Kernel - 1}, {"pool", c.Pool, 1, maxPool},
	} {
		if v.got < v.least || v.got > v.most {
			return fmt.Errorf("%s is %d, want %d..%d", v.name, v.got, v.least, v.most)
		}
	}
	if c.Stride != 1 && c.Stride != 2 && c.Stride != 4 {
		return fmt.Errorf("stride is %d, want 1, 2 or 4", c.Stride)
	}
	if most := min(c.InH, c.InW) + 2*c.Pad + c.Extra; c.Kernel > most {
		return fmt.Errorf("kernel is %d, want at most %d, the smaller edge with its padding",
			c.Kernel, most)
	}
	zh, zw := c.ZSize()
	if c.Pool > min(zh, zw) {
		return fmt.Errorf("pool is %d, want at most %d, the smaller edge of the maps", c.Pool, min(zh, zw))
	}
	if terms := max(c.taps()*max(c.InC, c.OutC), nb*zh*zw); terms > maxTerms {
		return fmt.Errorf("sums of %d products, want at most %d", terms, maxTerms)
	}
	return nil
}

// checkFormats reports what is wrong with Fz and Fd, given Fo[i] and Fe[i].
func (c *Conv) checkFormats(fo, fe int) error {
	switch {
	case c.BN && (c.Fz < minFz || c.Fz > maxFz):
		return fmt.Errorf("format Fz is %d, want %d..%d with batch normalisation", c.Fz, minFz, maxFz)
	case !c.BN && c.Fz != fo:
		return fmt.Errorf("format Fz is %d, want Fo, %d, without batch normalisation", c.Fz, fo)
	case !c.BN && c.Fd != fe:
		return fmt.Errorf("format Fd is %d, want Fe, %d, without batch normalisation", c.Fd, fe)
	}
	return nil
}
