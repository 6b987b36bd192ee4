package power

import (
	"fmt"
	"math"
	"strconv"
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
	RuleDynamic Rule = iota // times E(V)/E(1.1 V), see DynamicScale
	RuleLeakage             // times V/1.1: power is V x I with the current of 1.1 V, an upper bound below 1.1 V
	RuleSupply              // not scaled: a supply of its own
	NumRules
)

// RuleNames are the rules in reports.
var RuleNames = [NumRules]string{"E(V)/E(1.1)", "V/1.1", "own supply"}

func (r Rule) String() string { return RuleNames[r] }

// Base numbers the constants that all prices are sums of.
type Base uint8

// The constants.
const (
	Mul16     Base = iota // 16 x 16 bit multiplication
	Add16                 // addition of up to 16 bits
	Add32                 // addition of more than 16 bits
	RegBit                // one flip-flop in a clocked cycle
	Xor16                 // bitwise operation, negation or two-way multiplexer on 16 bits
	SRAM                  // factor on every entry of the SRAM table
	DRAMBit               // one bit to or from external memory
	LeakReg               // leakage of a flip-flop, general-purpose process
	LeakMul16             // leakage of a 16 x 16 multiplier, general-purpose process
	LeakAdd32             // leakage of a 32-bit adder, general-purpose process
	NumBase
)

// Constant is a number with its pedigree.
type Constant struct {
	Name             string
	Value, Low, High float64
	Unit             string // of Value, Low and High
	Rule             Rule
	Source           string
}

// Tech is everything that sets prices besides the geometry of the chip. A copy by assignment is independent, so that a
// study can vary one constant at a time.
type Tech struct {
	Base    [NumBase]Constant
	Cell    Cell    // memory cells, and with them the process whose leakage counts
	Volt    float64 // supply of the chip, 0.7 to 1.1 V
	FreqMHz float64 // clock: turns leakage power into energy a cycle
}

const (
	refVolt = 1.1 // the voltage at which all constants are stated
	minVolt = 0.7
)

// Sources that several constants share.
const (
	srcHorowitz = "Horowitz, ISSCC 2014 (45 nm, 0.9 V)"
	srcScaling  = "x1.99 from 45 nm 0.9 V to 65 nm 1.1 V (Stillmaker & Baas, Integration 58, 2017)"
	srcAladdin  = "Aladdin power model, power_func.h, 5 ns row (Shao et al., ISCA 2014; commercial 40 nm G)"
	srcLeak     = "; taken unscaled at 65 nm, range x0.5 to x2; a low-power process leaks less by the ratio of the SRAM table's leakage columns"
)

// Default65 returns the constants for 65 nm, low-power cells, 1.1 V and 200 MHz.
func Default65() *Tech {
	return &Tech{Cell: CellLSTP, Volt: refVolt, FreqMHz: 200, Base: [NumBase]Constant{
		Mul16: {"16x16 multiply", 1.55, 0.8, 3.1, "pJ", RuleDynamic,
			srcHorowitz + ": integer multiply 8 bit 0.2, 32 bit 3.1 pJ, interpolated to 0.78; " + srcScaling},
		Add16: {"16-bit add", 0.10, 0.05, 0.20, "pJ", RuleDynamic,
			srcHorowitz + ": integer add 8 bit 0.03, 32 bit 0.1 pJ; " + srcScaling + "; other widths linearly"},
		Add32: {"32-bit add", 0.20, 0.10, 0.40, "pJ", RuleDynamic,
			srcHorowitz + ": integer add 32 bit 0.1 pJ; " + srcScaling + "; other widths linearly"},
		RegBit: {"register bit, clocked", 0.018, 0.009, 0.036, "pJ", RuleDynamic,
			srcAladdin + ": 0.009 pJ a bit and clock; the same x1.99"},
		Xor16: {"16-bit negate/xor", 0.02, 0.01, 0.04, "pJ", RuleDynamic,
			srcAladdin + ": 32-bit bitwise 0.018 pJ, halved; the same x1.99"},
		SRAM: {"SRAM access factor", 1, 1, 2.5, "x", RuleDynamic,
			"CACTI 7, 65 nm, type ram, one RW port, 330 K; HP cells at 1.1 V, LSTP cells at the tool's 1.2 V and taken unscaled as the value at 1.1 V; to x2.5 for what the tool leaves out"},
		DRAMBit: {"external memory bit", 12, 8, 70, "pJ", RuleSupply,
			"LPDDR3 streaming, Micron IDD method (Accelergy); low LPDDR4; LPDDR 40 (Malladi et al., ISCA 2012); high DDR3"},
		LeakReg:   {"register bit leakage", 73.95e-6, 36.98e-6, 147.9e-6, "mW", RuleLeakage, srcAladdin + ": 7.395e-5 mW" + srcLeak},
		LeakMul16: {"16x16 multiplier leakage", 12.04e-3, 6.02e-3, 24.08e-3, "mW", RuleLeakage, srcAladdin + ": 32-bit multiplier 4.818e-2 mW, a quarter of it" + srcLeak},
		LeakAdd32: {"32-bit adder leakage", 2.381e-3, 1.19e-3, 4.762e-3, "mW", RuleLeakage, srcAladdin + ": 2.381e-3 mW" + srcLeak},
	}}
}

// DynamicScale returns the ratio of switching energy at v volts to that at 1.1 V, for v in 0.7 to 1.1:
// E(V) = 3.755 V^2 - 4.398 V + 1.975 (Stillmaker & Baas 2017, 65 nm).
func DynamicScale(v float64) float64 { return energyFit(v) / energyFit(refVolt) }

func energyFit(v float64) float64 { return 3.755*v*v - 4.398*v + 1.975 }

// scale returns the factor that rule r puts on a constant at the supply of t.
func (t *Tech) scale(r Rule) float64 {
	switch r {
	case RuleDynamic:
		return DynamicScale(t.Volt)
	case RuleLeakage:
		return t.Volt / refVolt
	default:
		return 1
	}
}

// check refuses a Tech from which no honest price can be made.
func (t *Tech) check() error {
	if !(t.Volt >= minVolt && t.Volt <= refVolt) {
		return fmt.Errorf("power: supply: got %v V, want %v to %v", t.Volt, minVolt, refVolt)
	}
	if !(t.FreqMHz > 0) || math.IsInf(t.FreqMHz, 0) {
		return fmt.Errorf("power: clock: got %v MHz, want more than 0", t.FreqMHz)
	}
	if t.Cell != CellLSTP && t.Cell != CellHP {
		return fmt.Errorf("power: memory cell: got %q, want %s or %s", t.Cell, CellLSTP, CellHP)
	}
	for b, c := range t.Base {
		switch {
		case c.Name == "" || c.Unit == "":
			return fmt.Errorf("power: constant %d (%q): no name or no unit", b, c.Name)
		case c.Source == "":
			return fmt.Errorf("power: constant %q: no source", c.Name)
		case c.Rule >= NumRules:
			return fmt.Errorf("power: constant %q: got scaling rule %d, want below %d", c.Name, c.Rule, NumRules)
		case !(c.Low >= 0 && c.Low <= c.Value && c.Value <= c.High) || math.IsInf(c.High, 0):
			return fmt.Errorf("power: constant %q: got %v in %v to %v, want 0 <= low <= value <= high", c.Name, c.Value, c.Low, c.High)
		}
	}
	return nil
}
