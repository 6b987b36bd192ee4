// Package power turns counted events into energy: a price per event, a meter that multiplies, and
// tables to read.
//
//	tech/*.yaml (file.go)            a number, its range and distribution, its source, how it
//	                                 scales with voltage
//	cacti65.csv (sram.go)            energy, leakage and area of memories
//	   | recipe.go, model.go         what an event consists of: an explicit sum of constants
//	   | logic.go                    what a unit is built of: for leakage and area
//	   v
//	PriceList (price.go, leak.go)    attojoules per event; leakage per cycle, by memory
//	   | meter.go                    counts x prices + cycles x leakage, in integers
//	   v
//	Energy -> tables (report.go)     by unit, phase, layer, event; two runs against each other
//	   | accounts.go                 what no event counts, beside the totals
//
//	AreaList (area.go)               square micrometres, unit by unit
//	Sample, Vary (sample.go)         a technology drawn at random, or with one constant at an end
//
// The package knows the names of events and the sizes of memories (rtl/activity) and nothing else
// about the chip.
//
// # Exactness
//
// Prices are rounded once, after scaling, to whole attojoules (1e-18 J, an int64). From there on
// everything is integer multiplication and addition: energies of consecutive windows add up to the
// energy of the run, units add up to the total and so do phases, to the last attojoule. A sum
// beyond 2^63-1 aJ (9.2 J) is an error, never a wrapped number.
//
// # Accounts
//
// Unit XMEM, whole, is the account of external memory (its controller's clock and leakage
// included); all other units are on-die. The two sums are always kept apart. Energy counted under a
// tag belongs to that tag's phase and layer. Leakage flows in every cycle, gated or not: it belongs
// to the phase of the cycle (the caller says how many cycles each phase had) and to no layer.
//
// # What the price of an event covers
//
// Arithmetic is priced as operators, without the registers around it. Those are the clock events:
// register bits of the unit in every cycle in which it is not gated. A gated unit therefore costs
// its leakage and nothing else.
//
// # Activity models
//
// The constants of multipliers and adders are stated for random operands: from one operation to the
// next half of the bits change. A PriceList follows one of two models, and every report names it:
//
//	events            each MAC, DEPCAdd and EPCMul costs the same, whatever its operands
//	operand toggles   each is split over the bits that change, counted with rtl.Config.Toggles
//
//	multiplier part   x (changed bits of both operands) / 16       half of two operands of 16 bits
//	adder part        x (changed bits of the result) / (width/2)   width: accumulators AccBits,
//	                                                               trees of EPC 36, of DEPC 20
//	negation (DEPC)   x (changed bits after it) / 8
//	registers         0.881 of the price with the clock; 0.119 x (changed bits) / (width/2)
//
// The last split is that of the source of the register's price (registerData). Each is a price per
// bit, rounded once to whole attojoules, so windows still add up exactly. With half of all bits
// changing the two models give the same energy. A MAC in which no bit changes costs its clocked
// registers only.
//
// No bit of an operator changes more than once per operation, which caps it: at twice the random
// price for multipliers, negations and accumulators; at 2.1 times (DEPC, 21 bits at the top) and
// 2.0 times (EPC) for the adders of a tree; at up to 2.9 and AccBits/18 times for the adder at a
// root, which the recipes count as one of the tree's. In a gated tree of the EPC an adder that
// returns to 0 because an error is 0 changes too, though no product is counted; it cannot do so
// more often than errors are read. ModelToggles refuses arithmetic whose counts contain no toggle
// at all.
//
// The origin is the activity-sensitive models of datapaths. P. E. Landman and J. M. Rabaey,
// Architectural power analysis: the dual bit type method, IEEE Trans. VLSI Systems 3(2), 1995, pp.
// 173-187, model modules by the activity of their operands' bits at the register level, since
// models for random inputs neglect that sign bits are correlated; they report errors of 10 to 15
// percent. G. Jochens, L. Kruse, E. Schmidt and W. Nebel, A new parameterizable power macro-model
// for datapath components, DATE 1999, take the Hamming distance of consecutive operands, as is done
// here. Both fit coefficients to each module; here there is one per module, its price at random
// data, and proportionality is assumed.
//
// Limits: all bits of an operand weigh the same; a multiplier is not quiet when one operand is 0
// and the other changes; glitches scale with the toggles; memories, drain, loss, momentum and
// normalisation are not covered, and their events cost the same under both models.
//
// # Beside the totals
//
// Five costs that no event counts have separate accounts (accounts.go): clock tree, control,
// operand wires and PHY, on the die, and the background power of external memory. A report adds
// those that its question needs. With operand toggles the wires follow the bits that change,
// control follows the energies, and the clock tree is that of the model of events.
//
// # Technology files
//
// A Tech is a YAML file: process, supply (0.7 to 1.1 V), clock, memory cells, kinds of external
// memory of which one is chosen, and every constant with value, low, high, unit, distribution, rule
// and source. A file may extend a built-in one:
//
//	extends: gp65
//	name: mine
//	volt: 0.9
//	dram: lpddr4
//	constants:
//	  mul16: {value: 1.2, source: measured on a test chip}
//
// lp65 (low power, the default) and gp65 (general purpose) are built in. An error gives its place:
// file:line:column, field.
//
// # Units that may be missing
//
// The trees of the DEPC, the multipliers of the EPC and the lanes of NORM are built if EBUF, EPCW
// or NORM has macros. A unit that is not built has no price, no leakage and no area.
//
// # Not modelled
//
// Pads, dependence of a price on the data beyond the activity models, glitches, temperature.
// Operators are counted as the recipes count them, without their pipeline's balance or a wider
// drive. The low and high ends of a price or an area have all constants at that end at once, which
// is wider than any interval: Sample gives those.
//
// No constant is fitted to any result of the simulator or of a publication about this chip.
package power
