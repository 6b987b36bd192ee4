package power

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"bdfasim/rtl/activity"
)

// Attojoules is an energy, exact: 1 aJ = 1e-18 J.
type Attojoules int64

// Picojoules is an energy for display.
type Picojoules float64

// PJ returns the energy in picojoules.
func (a Attojoules) PJ() Picojoules { return Picojoules(float64(a) / 1e6) }

// UJ returns the energy in microjoules.
func (a Attojoules) UJ() float64 { return float64(a) / 1e12 }

func (p Picojoules) String() string { return strconv.FormatFloat(float64(p), 'g', 4, 64) + " pJ" }

// Rule says how a constant follows the supply voltage.
type Rule uint8

// The rules. All constants are stated at 1.1 V.
const (
	RuleDynamic Rule = iota // times E(V)/E(1.1 V), see dynamicScale
	RuleLeakage             // times V/1.1: power is V x I with the current of 1.1 V, an upper bound below 1.1 V
	RuleSupply              // not scaled: a supply of its own
	RuleFixed               // not scaled: no energy (an area, or a factor on energies that are scaled themselves)
	NumRules
)

// String is the rule in reports.
func (r Rule) String() string {
	return [NumRules]string{"E(V)/E(1.1)", "V/1.1", "own supply", "fixed"}[r]
}

// Words are the rules in files.
func (Rule) Words() []string { return []string{"dynamic", "leakage", "supply", "fixed"} }

// Distribution says how a study draws a constant between its low and its high end.
type Distribution uint8

// The distributions.
const (
	Uniform    Distribution = iota
	LogUniform              // its logarithm is uniform: for ranges of the kind "half to twice"
	Triangular              // mode at the value
	NumDistributions
)

// Words are the distributions in files and reports.
func (Distribution) Words() []string { return []string{"uniform", "loguniform", "triangular"} }

func (d Distribution) String() string { return d.Words()[d] }

// Base numbers the constants that all prices, leakages, accounts and areas are sums of.
type Base uint8

// The constants.
const (
	Mul16     Base = iota // 16 x 16 bit multiplication
	Add16                 // addition of up to 16 bits
	Add32                 // addition of more than 16 bits
	RegBit                // one flip-flop in a clocked cycle
	Xor16                 // bitwise operation, negation or two-way multiplexer on 16 bits
	SRAM                  // factor on every access energy of the SRAM table
	LPDDR3Bit             // one bit to or from an LPDDR3-1600; see memories
	LeakSRAM              // factor on every leakage of the SRAM table
	LeakReg               // of the operators of AreaReg and so on, general-purpose process
	LeakMul16
	LeakAdd32
	LeakXor16
	ClockTree        // energy of the clock tree for that of clocked registers
	Control          // energy of control for all other switching energy
	Wire             // one bit over a millimetre
	LPDDR3Background // power of external memory that does nothing
	LPDDR3PHY        // one bit through the physical interface of external memory
	AreaMul16        // a 16 x 16 multiplier
	AreaAdd32        // a 32-bit adder
	AreaXor16        // 16 bits of XOR or multiplexer
	AreaReg          // a flip-flop
	AreaSRAM         // factor on every area of the SRAM table
	AreaFill         // factor on the area of placed logic
	LPDDR4Bit
	LPDDR4Background
	LPDDR4PHY
	DDR4Bit
	DDR4Background
	DDR4PHY
	NumBase
)

type baseDef struct{ key, unit string }

// bases is what a technology file calls each constant, and the unit that the formulas need.
var bases = [NumBase]baseDef{
	Mul16: {"mul16", "pJ"}, Add16: {"add16", "pJ"}, Add32: {"add32", "pJ"}, RegBit: {"reg_bit", "pJ"}, Xor16: {"xor16", "pJ"},
	SRAM:     {"sram", "x"},
	LeakSRAM: {"leak_sram", "x"}, LeakReg: {"leak_reg", "mW"}, LeakMul16: {"leak_mul16", "mW"}, LeakAdd32: {"leak_add32", "mW"}, LeakXor16: {"leak_xor16", "mW"},
	ClockTree: {"clock_tree", "x"}, Control: {"control", "x"}, Wire: {"wire", "pJ/mm"},
	AreaMul16: {"area_mul16", "um2"}, AreaAdd32: {"area_add32", "um2"}, AreaXor16: {"area_xor16", "um2"}, AreaReg: {"area_reg", "um2"},
	AreaSRAM: {"area_sram", "x"}, AreaFill: {"area_fill", "x"},
	LPDDR3Bit: {"lpddr3_bit", "pJ"}, LPDDR3PHY: {"lpddr3_phy", "pJ"}, LPDDR3Background: {"lpddr3_background", "mW"},
	LPDDR4Bit: {"lpddr4_bit", "pJ"}, LPDDR4PHY: {"lpddr4_phy", "pJ"}, LPDDR4Background: {"lpddr4_background", "mW"},
	DDR4Bit: {"ddr4_bit", "pJ"}, DDR4PHY: {"ddr4_phy", "pJ"}, DDR4Background: {"ddr4_background", "mW"},
}

// Constant is a number with its pedigree.
type Constant struct {
	Name         string       `yaml:"name"`
	Value        float64      `yaml:"value" want:"[0,]"`
	Low          float64      `yaml:"low" want:"[0,]"`
	High         float64      `yaml:"high" want:"[0,]"`
	Unit         string       `yaml:"unit"` // of Value, Low and High
	Distribution Distribution `yaml:"distribution"`
	Rule         Rule         `yaml:"rule"`
	Shares       string       `yaml:"shares,omitempty"` // constants that say the same are drawn together
	// Source is where it comes from; it says "assumed" if no publication tells.
	Source string `yaml:"source"`
}

// Constants are the constants of a technology by Base.
type Constants [NumBase]Constant

// NoDRAM leaves external memory out of the account, whichever the machine has.
const NoDRAM = "none"

// memories are the constants of the kinds of external memory that a machine can have.
var memories = map[string]struct{ bit, phy, background Base }{
	"lpddr3-1600": {LPDDR3Bit, LPDDR3PHY, LPDDR3Background},
	"lpddr4-3200": {LPDDR4Bit, LPDDR4PHY, LPDDR4Background},
	"ddr4-2400":   {DDR4Bit, DDR4PHY, DDR4Background},
}

// free are the kinds that cost nothing, and why.
var free = map[string]string{
	"ideal": "an ideal memory costs nothing: no such memory can be bought",
	NoDRAM:  "external memory is left out of the account",
}

// Tech is everything that sets prices besides the geometry of the chip. A copy by assignment is independent, so that a
// study can vary one constant at a time.
type Tech struct {
	Name    string    `yaml:"name"`
	Process string    `yaml:"process"`               // in words
	Volt    float64   `yaml:"volt" want:"[0.7,1.1]"` // supply of the chip
	Cell    Cell      `yaml:"cell"`                  // memory cells, and with them the process whose leakage counts
	DRAM    string    `yaml:"dram,omitempty"`        // NoDRAM, or "": the machine's kind counts
	Base    Constants `yaml:"constants"`
}

const (
	refVolt = 1.1 // the voltage at which all constants are stated
	minVolt = 0.7
)

// Scaled returns a constant at the supply of t.
func (t *Tech) Scaled(b Base) Constant {
	c := t.Base[b]
	f := t.scale(c.Rule)
	c.Value, c.Low, c.High = f*c.Value, f*c.Low, f*c.High
	return c
}

// dynamicScale returns the ratio of switching energy at v volts to that at 1.1 V, for v in 0.7 to 1.1:
// E(V) = 3.755 V^2 - 4.398 V + 1.975 (Stillmaker & Baas 2017, 65 nm).
func dynamicScale(v float64) float64 { return energyFit(v) / energyFit(refVolt) }

func energyFit(v float64) float64 { return float64(3.755*v*v) - float64(4.398*v) + 1.975 }

// scale returns the factor that rule r puts on a constant at the supply of t.
func (t *Tech) scale(r Rule) float64 {
	switch r {
	case RuleDynamic:
		return dynamicScale(t.Volt)
	case RuleLeakage:
		return t.Volt / refVolt
	default:
		return 1
	}
}

// check refuses a Tech, or a geometry, from which no honest price can be made.
func (t *Tech) check(g activity.Geometry) error {
	if !(t.Volt >= minVolt && t.Volt <= refVolt) {
		return fmt.Errorf("power: supply: got %v V, want %v to %v", t.Volt, minVolt, refVolt)
	}
	if t.Cell != CellLSTP && t.Cell != CellHP {
		return fmt.Errorf("power: memory cell: got %q, want %s or %s", t.Cell, CellLSTP, CellHP)
	}
	if t.DRAM != "" && t.DRAM != NoDRAM {
		return fmt.Errorf("power: external memory: got %q, want %s or nothing", t.DRAM, NoDRAM)
	}
	for b := range t.Base {
		c := &t.Base[b]
		if field, wrong := c.check(Base(b)); field != "" {
			return fmt.Errorf("power: constant %q: %s: %s", cmp.Or(c.Name, bases[b].key), field, wrong)
		}
	}
	return checkGeometry(g)
}

// check says which field keeps a constant from being b, and why; "" if none does.
func (c *Constant) check(b Base) (field, wrong string) {
	switch {
	case c.Unit != bases[b].unit:
		return "unit", fmt.Sprintf("got %q, want %s", c.Unit, bases[b].unit)
	case !(c.Low >= 0):
		return "low", fmt.Sprintf("got %v, want 0 or more", c.Low)
	case !(c.Low <= c.Value):
		return "low", fmt.Sprintf("got %v, want at most the value, %v", c.Low, c.Value)
	case !(c.High >= c.Value) || math.IsInf(c.High, 0):
		return "high", fmt.Sprintf("got %v, want at least the value, %v", c.High, c.Value)
	case strings.TrimSpace(c.Source) == "":
		return "source", "got nothing, want where the value comes from"
	case strings.TrimSpace(c.Name) == "":
		return "name", "got nothing, want a name"
	case c.Rule >= NumRules:
		return "rule", fmt.Sprintf("got %d, want below %d", c.Rule, NumRules)
	case c.Distribution >= NumDistributions:
		return "distribution", fmt.Sprintf("got %d, want below %d", c.Distribution, NumDistributions)
	case c.Distribution == LogUniform && c.Low == 0:
		return "distribution", fmt.Sprintf("got %s with a low end of 0, want another or more than 0", LogUniform)
	}
	return "", ""
}
