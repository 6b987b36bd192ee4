// Package power turns counted events into energy: a price per event, a meter that multiplies, and
// tables to read.
//
//	tech/*.yaml (file.go)            a number, its range and distribution, its source, how it
//	                                 scales with voltage
//	cacti65.csv (sram.go)            energy, leakage and area of memories
//	   | recipe.go, activity.go      what an event consists of: an explicit sum of constants
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
// docs/power.md has the rules of the accounting, the two activity models, the technology files and
// the costs that no event counts.
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
