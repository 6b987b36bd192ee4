package machine

import "fmt"

// LevelPS is the delay of a gate level in picoseconds: a gate with a fan-out of four and its wire,
// at 65 nm.
const LevelPS = 50

// Gate levels, by hand: of the operators of 16-bit data paths, and what a stage needs besides them,
// its register and the uncertainty of the clock.
const (
	MulLevels    = 40 // 16 x 16 bits: Booth, tree of compressors, adder
	SumLevels    = 17 // of up to 62 bits, with carry look-ahead
	SelectLevels = 2
	MarginLevels = 10
)

// Levels is the number of gate levels in a cycle.
func (c *Config) Levels() int { return int(1e6 / (LevelPS * c.ClockMHz)) }

// Cut says whether a core has registers between its multipliers and its adders.
type Cut uint8

// The cuts. The clock chooses the one with the fewest registers that meets it.
const (
	CutByClock Cut = iota
	CutNone
	CutProducts
)

// Words are the cuts' names: numbers of registers.
func (Cut) Words() []string { return []string{"by-clock", "0", "1"} }

func (k Cut) String() string {
	if words := k.Words(); int(k) < len(words) {
		return words[k]
	}
	return "cut?"
}

// Levels of the longest stage of the MAC array, without product registers and with them.
const (
	macLevels     = MulLevels + SumLevels + SelectLevels + MarginLevels
	productLevels = MulLevels + MarginLevels
)

// ProductRegisters is the number of registers between a multiplier of the MAC array and its adder.
func (c *Config) ProductRegisters() int {
	if c.DNNC.ProductRegisters == CutProducts ||
		c.DNNC.ProductRegisters == CutByClock && c.Levels() < macLevels {
		return 1
	}
	return 0
}

// tooSlow says which field keeps the MAC array from its clock, and what it may be.
func (c *Config) tooSlow() (field string, got any, want string) {
	switch levels := c.Levels(); {
	case levels < productLevels:
		return "clock_mhz", c.ClockMHz, fmt.Sprintf("at most %d: a product takes %d gate levels of %d ps",
			1_000_000/(LevelPS*productLevels), productLevels, LevelPS)
	case levels < macLevels && c.DNNC.ProductRegisters == CutNone:
		return "dnnc.product_registers", c.DNNC.ProductRegisters, fmt.Sprintf(
			"1: a product and its sum take %d gate levels of %d ps, and a cycle has %d", macLevels, LevelPS, levels)
	}
	return "", nil, ""
}
