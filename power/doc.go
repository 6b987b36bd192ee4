// Package power turns counted events into energy: a price an event, a meter that multiplies, and tables to read.
//
//	constants (tech.go, sram.go)      a number, its range, its source, how it scales with voltage
//	   | recipe.go                    what an event is made of: an explicit sum of constants
//	   v
//	PriceList (price.go, leak.go)     attojoules an event; attojoules a cycle of leakage, memory by memory
//	   | meter.go                     counts x prices + cycles x leakage, in integers
//	   v
//	Energy -> tables (report.go)      by unit, phase, layer, event; two runs against each other
//
// The package knows the names of events and the sizes of memories (rtl/activity) and nothing else of the chip.
//
// # Exactness
//
// Prices are rounded once, after scaling, to whole attojoules (1e-18 J, an int64). From there on everything is integer
// multiplication and addition: energies of consecutive windows add up to the energy of the run, units add up to the
// total and so do phases, to the last attojoule. A sum beyond 2^63-1 aJ (9.2 J) is an error, never a wrapped number.
//
// # Accounts
//
// Unit XMEM, whole, is the account of external memory (its controller's clock and leakage included); all other units are
// on-die. The two sums are always kept apart. Energy
// counted under a tag belongs to that tag's phase and layer. Leakage flows in every cycle, gated or not: it belongs to
// the phase of the cycle (the caller says how many cycles each phase had) and to no layer.
//
// # What an event's price holds
//
// Arithmetic is priced as operators, without the registers around it: these are the clock events, register bits of the
// unit in every cycle in which it is not gated. A gated unit therefore costs its leakage and nothing else.
//
// # Not modelled
//
// Clock tree and long wires, input/output pads and PHY, background power of the external memory, dependence of a price
// on the data, glitches, temperature. Leakage of combinational logic covers the MAC lanes only, since the geometry tells
// of no other operators.
//
// No constant is fitted to any result of the simulator or of a publication about this chip.
package power
