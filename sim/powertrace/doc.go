// Package powertrace shows the power of a run over time, in windows of any length down to one
// cycle.
//
//	chip's event counts --+
//	SEQ's marks ----------+--> Sampler --> Record --+--> CSV       one line per window (csv.go)
//	PriceList ------------+    (sampler.go,         +--> Plot      power by unit (plot.go, page.go)
//	                            counts.go)          +--> Signals   reals of a VCD (signals.go)
//	                                                +--> any other Sink
//
// A Sampler only reads: it does not change the run.
//
// # Windows
//
// Cycles are counted as rtl.Chip.Cycle does. A window from a to b holds the energy of the b - a
// steps that took the chip from cycle a to cycle b. The first window starts at Config.From and all
// are Config.Window long, except the last, which ends with the run or at Config.To.
//
// # Exactness
//
// Energies are integers, as in package power: counts of events since the last window times prices,
// and leakage in every cycle. Windows add up to the run, unit by unit, to the last attojoule,
// whatever their length. A window belongs as a whole to the mark at its end; events caused under an
// earlier mark are in the window in which they happened. For the cost of a phase see package
// power's tables by phase and layer.
//
// # Speed
//
// A chip has 256 rows of counts, one per tag. Units count under tags that SEQ has marked, and under
// tag 0, so only those rows are compared with their last values: at the end of a window SEQ's ring
// of marks names the new tags. If a window had more marks than the ring has slots, all rows are
// searched once. Close compares all rows and reports anything that the sampler has missed. The cost
// of a window depends not on its length but on the number of tags.
//
// # Not modelled
//
// The power of a cycle is the average over that cycle: there is no time within it. The accounts
// beside the totals (package power, accounts.go) are not part of any window.
package powertrace
