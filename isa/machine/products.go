package machine

import "fmt"

// Gate levels of the operators of the MAC array, by hand.
const (
	MulLevels    = 40 // 16 x 16 bits: Booth, tree of compressors, adder
	SumLevels    = 17 // of up to 62 bits, with carry look-ahead
	SelectLevels = 2
)

// Cut says whether a core has registers between its multipliers and its adders.
type Cut uint8

// The cuts. The clock chooses the one with the fewest registers that meets it.
const (
	CutAuto Cut = iota
	CutNo
	CutYes
)

// Words are the cuts' names: numbers of registers.
func (Cut) Words() []string { return []string{"auto", "0", "1"} }

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
	if c.DNNC.ProductRegisters == CutYes ||
		c.DNNC.ProductRegisters == CutAuto && c.Levels() < macLevels {
		return 1
	}
	return 0
}

// tooSlow says which field keeps the MAC array from its clock, and what it may be.
func (c *Config) tooSlow() (field string, got any, want string) {
	switch levels := c.Levels(); {
	case levels < productLevels:
		return "clock_mhz", c.ClockMHz, fmt.Sprintf(
			"at most %d: a product takes %d gate levels of %d ps",
			1_000_000/(LevelPS*productLevels), productLevels, LevelPS)
	case levels < macLevels && c.DNNC.ProductRegisters == CutNo:
		return "dnnc.product_registers", c.DNNC.ProductRegisters, fmt.Sprintf(
			"1: a product and its sum take %d gate levels of %d ps, and a cycle has %d",
			macLevels, LevelPS, levels)
	}
	return "", nil, ""
}
