package qmodel

import "math/bits"

// namedShift is one of the shifts that follow from the formats.
type namedShift struct {
	name  string
	value int
	least int
}

// shifts returns all shifts of layer i, with the equations' names (sections 2 to 11).
func (c *Config) shifts(i int) []namedShift {
	f, top, mean := &c.F, c.top(), meanShift(c.Batch)
	s := []namedShift{
		{"z", c.forwardShift(i), minShift},
		{"g", gradientShift(f, i, mean), minShift},
		{"decay", decayShift(f, i), minShift},
		{"W step", weightShift(f, i), 0}, // a floor, which has no left shift
	}
	if c.bias(i) {
		s = append(s, namedShift{"gbias", biasGradientShift(f, i, mean), minShift}, namedShift{"b step", biasShift(f, i), minShift})
	}
	if c.drops(i) {
		s = append(s, namedShift{"z, dropping", c.forwardShift(i) - 1, minShift})
	}
	conv := c.conv(i)
	switch {
	case i == top:
		s = append(s, namedShift{"softmax", softmaxShift(f, top), 0})
	case conv != nil:
		s = append(s, namedShift{"d", c.errorShift(i), minShift})
	default:
		s = append(s, namedShift{"e", c.errorShift(i), minShift})
	}
	if conv != nil && conv.BN {
		s = append(s,
			namedShift{"u", normShift(f, i), minShift},
			namedShift{"e", c.normErrorShift(i), minShift},
			namedShift{"gamma's gradient", conv.gammaGradientShift(f, i, mean), minShift},
			namedShift{"beta's gradient", conv.gammaGradientShift(f, i, mean) - xhatBits, minShift},
			namedShift{"gamma step", gammaShift(f, i), minShift},
			namedShift{"beta step", betaShift(f, i), minShift})
	}
	return s
}

// forwardShift is that of z_i, of a layer that drops nothing.
func (c *Config) forwardShift(i int) int {
	to := c.F.Fo[i]
	if conv := c.conv(i); conv != nil {
		to = conv.Fz
	}
	return c.F.Fo[i-1] + c.F.Fw[i] - to
}

// errorShift is that of e_i, or in convolutional layers of d_i, i < L (sections 4, 7 and 10).
func (c *Config) errorShift(i int) int {
	f, to, less := &c.F, c.F.Fe[i], 0
	conv := c.conv(i)
	if conv != nil {
		to = conv.Fd
	}
	if c.drops(i) {
		less = 1
	}
	rule := c.Rule
	if i < c.convs() {
		rule = BP
	}
	switch rule {
	case BDFA:
		return outBits + c.FB[i].Shift - to - less
	case DFA:
		return c.FB[i].Fb + outBits - to - less
	case BFA:
		return f.Fe[i+1] + c.FB[i].Shift - to - less
	}
	return f.Fw[i+1] + f.Fe[i+1] - to - less
}

// normErrorShift is that of e_i behind a normalisation, without the part that comes from the variance (section 8).
func (c *Config) normErrorShift(i int) int {
	conv := c.conv(i)
	return conv.Fd - c.F.Fe[i] + 30 - conv.Fz
}

// gammaGradientShift is that of T2 into vg; T1 has no fraction bits of xhat and takes xhatBits less.
func (c *Conv) gammaGradientShift(f *Formats, i, mean int) int {
	return c.Fd + mean + xhatBits - f.Fv[i]
}

// meanShift is the power of two that gradients of nb samples are divided by (section 5).
func meanShift(nb int) int { return max(meanBits, bits.Len(uint(max(nb, 1)-1))) }

func softmaxShift(f *Formats, top int) int { return f.Fo[top] + 8 }
func gradientShift(f *Formats, i, mean int) int {
	return f.Fo[i-1] + biasGradientShift(f, i, mean)
}
func decayShift(f *Formats, i int) int  { return f.Fw[i] + rateBits - f.Fv[i] }
func weightShift(f *Formats, i int) int { return f.Fv[i] + rateBits - f.Fw[i] }
func biasGradientShift(f *Formats, i, mean int) int {
	return f.Fe[i] + mean - f.Fv[i]
}
func biasShift(f *Formats, i int) int  { return f.Fv[i] + rateBits - (f.Fo[i-1] + f.Fw[i]) }
func normShift(f *Formats, i int) int  { return betaFrac - f.Fo[i] }
func gammaShift(f *Formats, i int) int { return f.Fv[i] + rateBits - gammaFrac }
func betaShift(f *Formats, i int) int  { return f.Fv[i] + rateBits - betaFrac }
