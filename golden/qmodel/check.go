package qmodel

import "fmt"

// check reports the first thing that is wrong with the configuration.
func (c *Config) check() error {
	parts := []func() error{c.checkSizes, c.checkScalars, c.checkConvs, c.checkLayers, c.checkFeedback, c.checkShifts}
	for _, part := range parts {
		if err := part(); err != nil {
			return fmt.Errorf("qmodel: %w", err)
		}
	}
	return nil
}

func (c *Config) checkSizes() error {
	if len(c.Sizes) < 2 {
		return fmt.Errorf("sizes %v, want at least input and output", c.Sizes)
	}
	for i, n := range c.Sizes {
		if n < 1 {
			return fmt.Errorf("size %d of layer %d, want at least 1", n, i)
		}
	}
	if n := c.Sizes[c.top()]; n > maxClasses {
		return fmt.Errorf("%d classes, want at most %d", n, maxClasses)
	}
	lists := map[string][]int{"Fo": c.F.Fo, "Fw": c.F.Fw, "Fe": c.F.Fe, "Fv": c.F.Fv}
	for _, name := range []string{"Fo", "Fw", "Fe", "Fv"} {
		if got := len(lists[name]); got != len(c.Sizes) {
			return fmt.Errorf("format %s has %d entries, want %d", name, got, len(c.Sizes))
		}
	}
	if got := c.F.Fo[0]; got != inputBits {
		return fmt.Errorf("format Fo[0] is %d, want %d", got, inputBits)
	}
	if got := c.F.Fe[c.top()]; got != outBits {
		return fmt.Errorf("format Fe[%d] is %d, want %d", c.top(), got, outBits)
	}
	return nil
}

func (c *Config) checkScalars() error {
	if c.AccBits < minAccBits || c.AccBits > defaultAccBits {
		return fmt.Errorf("accumulator of %d bits, want %d..%d", c.AccBits, minAccBits, defaultAccBits)
	}
	if c.Batch < 1 || c.Batch > MaxBatch {
		return fmt.Errorf("batch of %d samples, want 1..%d", c.Batch, MaxBatch)
	}
	if c.Mu > maxRate {
		return fmt.Errorf("mu is %d, want at most %d", c.Mu, maxRate)
	}
	if c.Lambda > maxRate {
		return fmt.Errorf("lambda is %d, want at most %d", c.Lambda, maxRate)
	}
	if c.Scale != nil && len(c.Scale) != len(c.Sizes) {
		return fmt.Errorf("%d scales of the rate, want %d or none", len(c.Scale), len(c.Sizes))
	}
	for i, scale := range c.Scale {
		if scale > maxRate {
			return fmt.Errorf("scale of the rate of layer %d is %d, want at most %d", i, scale, maxRate)
		}
	}
	return nil
}

// checkConvs looks at each convolutional layer, at how they follow each other, and at Sizes.
func (c *Config) checkConvs() error {
	k := c.convs()
	if k > 0 && k >= c.top() {
		return fmt.Errorf("%d convolutional layers of %d, want a fully connected one on top", k, c.top())
	}
	for i := 1; i <= k; i++ {
		conv := c.conv(i)
		if err := conv.check(c.held()); err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
		if err := conv.checkFormats(c.F.Fo[i], c.F.Fe[i]); err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
		if below := c.conv(i - 1); below != nil {
			h, w := below.OutSize()
			if conv.InC != below.OutC || conv.InH != h || conv.InW != w {
				return fmt.Errorf("layer %d: input of %d x %d x %d, want %d x %d x %d from layer %d",
					i, conv.InH, conv.InW, conv.InC, h, w, below.OutC, i-1)
			}
		}
	}
	for i, want := range SizesOf(c.Convs) {
		if got := c.Sizes[i]; got != want {
			return fmt.Errorf("size %d of layer %d, want %d from the convolutions", got, i, want)
		}
	}
	return nil
}

// checkLayers looks at what layers may have or not.
func (c *Config) checkLayers() error {
	for _, list := range []struct {
		name  string
		flags []bool
		top   int // the highest layer that may be set
	}{{"no-bias", c.NoBias, c.top()}, {"drop", c.Drop, c.top() - 1}} {
		if list.flags != nil && len(list.flags) != len(c.Sizes) {
			return fmt.Errorf("%d %s entries, want %d or none", len(list.flags), list.name, len(c.Sizes))
		}
		for i, set := range list.flags {
			if set && (i <= c.convs() || i > list.top) {
				return fmt.Errorf("%s is set for layer %d, want layers %d..%d", list.name, i, c.convs()+1, list.top)
			}
		}
	}
	return nil
}

func (c *Config) checkFeedback() error {
	switch c.Rule {
	case BP:
		return nil
	case ConvOnly:
		if c.convs() == 0 {
			return fmt.Errorf("rule %q without convolutional layers, want at least one", c.Rule)
		}
		return nil
	case BDFA, DFA, BFA:
	default:
		return fmt.Errorf("rule %q, want %q, %q, %q, %q or %q", c.Rule, BP, BDFA, DFA, BFA, ConvOnly)
	}
	if got := len(c.FB); got != c.top() && c.top() > 1 {
		return fmt.Errorf("%d feedback entries, want %d (index 0 unused)", got, c.top())
	}
	for i := c.lowest(); i < c.top(); i++ {
		check := c.FB[i].check
		if c.Rule == DFA {
			check = c.FB[i].checkMatrix
		}
		if err := check(c.Sizes[i], c.classes(i)); err != nil {
			return fmt.Errorf("feedback of layer %d: %w", i, err)
		}
	}
	return nil
}

func (c *Config) checkShifts() error {
	for i := 1; i <= c.top(); i++ {
		for _, s := range c.shifts(i) {
			if s.value < s.least || s.value > maxShift {
				return fmt.Errorf("layer %d: shift %s is %d, want %d..%d", i, s.name, s.value, s.least, maxShift)
			}
		}
	}
	return nil
}
