package qmodel

import "fmt"

// The learning rules of section 4.
const (
	BP   = "bp"   // back-propagation
	BDFA = "bdfa" // binary direct feedback alignment
)

// Limits of the arithmetic.
const (
	MaxBatch = 32 // samples in a batch

	inputBits  = 8  // fraction bits of a pixel, Fo[0] (section 1)
	outBits    = 14 // fraction bits of the top error, Fe[L] (section 3)
	meanBits   = 5  // the mean over the batch always divides by 32 (section 5)
	rateBits   = 16 // mu, lambda and eta are Q0.16
	maxRate    = 1<<rateBits - 1
	minShift   = -15 // what a command can carry
	maxShift   = 47
	maxClasses = 65535 // keeps the feedback sum within 32 bits

	defaultAccBits = 48
	minAccBits     = 16
)

// Formats holds the fraction bits of the tensors by layer 0..L (section 1). Fw[0], Fe[0] and Fv[0] are unused; Fo[0] is
// 8 and Fe[L] is 14.
type Formats struct {
	Fo, Fw, Fe, Fv []int
}

// Feedback is where the signs B_i of one hidden layer come from, and their scale 2^-Shift. Exactly one of Seed and Bits
// is given.
type Feedback struct {
	Seed  uint32      // start of the generator
	Bits  [][4]uint64 // stored entries of 256 bits, by group of 16 neurons, then pass of 16 classes: see PackSigns
	Shift int         // s_i of section 4
}

// Config describes a network and its training.
type Config struct {
	Sizes   []int      // N_0..N_L
	F       Formats    // fraction bits
	AccBits int        // width A of the accumulators, 16..48; 0 means 48
	Rule    string     // BP or BDFA
	Mu      uint32     // momentum, Q0.16
	Lambda  uint32     // weight decay, Q0.16
	Seed    uint32     // of the random words that round W
	FB      []Feedback // by layer 0..L-1, index 0 unused; BP does not read it
}

// top returns L, the number of layers.
func (c *Config) top() int { return len(c.Sizes) - 1 }

// namedShift is one of the shifts that follow from the formats.
type namedShift struct {
	name  string
	value int
	least int
}

// shifts returns all shifts of layer i, with the equations' names (sections 2 to 5).
func (c *Config) shifts(i int) []namedShift {
	f, top := &c.F, c.top()
	s := []namedShift{
		{"z", forwardShift(f, i), minShift},
		{"g", gradientShift(f, i), minShift},
		{"decay", decayShift(f, i), minShift},
		{"W step", weightShift(f, i), 0}, // a floor, which has no left shift
		{"gbias", biasGradientShift(f, i), minShift},
		{"b step", biasShift(f, i), minShift},
	}
	switch {
	case i == top:
		s = append(s, namedShift{"softmax", softmaxShift(f, top), 0})
	case c.Rule == BP:
		s = append(s, namedShift{"e", errorShift(f, i), minShift})
	default:
		s = append(s, namedShift{"e", feedbackShift(f, i, c.FB[i].Shift), minShift})
	}
	return s
}

func forwardShift(f *Formats, i int) int      { return f.Fo[i-1] + f.Fw[i] - f.Fo[i] }
func softmaxShift(f *Formats, top int) int    { return f.Fo[top] + 8 }
func errorShift(f *Formats, i int) int        { return f.Fw[i+1] + f.Fe[i+1] - f.Fe[i] }
func feedbackShift(f *Formats, i, s int) int  { return outBits + s - f.Fe[i] }
func gradientShift(f *Formats, i int) int     { return f.Fo[i-1] + f.Fe[i] + meanBits - f.Fv[i] }
func decayShift(f *Formats, i int) int        { return f.Fw[i] + rateBits - f.Fv[i] }
func weightShift(f *Formats, i int) int       { return f.Fv[i] + rateBits - f.Fw[i] }
func biasGradientShift(f *Formats, i int) int { return f.Fe[i] + meanBits - f.Fv[i] }
func biasShift(f *Formats, i int) int         { return f.Fv[i] + rateBits - (f.Fo[i-1] + f.Fw[i]) }

// check reports the first thing that is wrong with the configuration.
func (c *Config) check() error {
	for _, part := range []func() error{c.checkSizes, c.checkScalars, c.checkFeedback, c.checkShifts} {
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
	if c.Mu > maxRate {
		return fmt.Errorf("mu is %d, want at most %d", c.Mu, maxRate)
	}
	if c.Lambda > maxRate {
		return fmt.Errorf("lambda is %d, want at most %d", c.Lambda, maxRate)
	}
	return nil
}

func (c *Config) checkFeedback() error {
	switch c.Rule {
	case BP:
		return nil
	case BDFA:
	default:
		return fmt.Errorf("rule %q, want %q or %q", c.Rule, BP, BDFA)
	}
	if got := len(c.FB); got != c.top() && c.top() > 1 {
		return fmt.Errorf("%d feedback entries, want %d (index 0 unused)", got, c.top())
	}
	for i := 1; i < c.top(); i++ {
		if err := c.FB[i].check(c.Sizes[i], c.Sizes[c.top()]); err != nil {
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
