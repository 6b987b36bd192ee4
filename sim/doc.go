// Package sim runs programs on the chip: it loads an image, steps the chip until the program has ended or something is
// wrong, says in one paragraph what was wrong, and reports where the time went.
//
//	engine.go   Engine: LoadImage, Run; counts cycles by mark and unit states by phase while it runs
//	fault.go    FaultError: what a unit refused, at which instruction of which source line
//	stuck.go    LimitError, StoppedError and DeadlockError: where everybody was, who waits for whom
//	state.go    State: what a run depends on from here on, for package snapshot
//	dense.go    MACs if no operand were skipped, from the DNNC's commands
//	metrics.go  Metrics: the numbers of a run or of some of its phases
//	report.go   the report's tables, in text, CSV or JSON through package power/table
//	layers.go   the table by layer and phase
//
// A run is deterministic: the same image on the same configuration gives the same Result. Wall time is the caller's to
// measure.
//
// Below it: wave draws what happens on wires; trace follows instructions and records a unit's ports; inspect reads memories and
// tensors; profile measures by layer and phase; sample estimates a training from some of its steps; powertrace shows power over
// time; race finds accesses whose order nothing keeps; snapshot keeps states in files, and output writes files whole. The command
// cmd/bdfasim is built from all of it.
package sim
