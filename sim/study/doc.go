// Package study is the power study: it simulates one training iteration of every network on every kind of error-path
// hardware, prices it, and answers what the published saving of 35.3 % can mean.
//
//	images --> frozen convolutions --> train (fixed-point model) --> Trace: weights, sparsity, accuracy
//	Trace + Arm --> compile --> chip, one iteration --> Case: events, cycles     D-chip
//	errors of a density + Arm --> core alone --> Core: events, cycles            D-core
//	Case, Core --> Work --> Cost (power.PriceList) --> saving, interval, tornado --> tables, figures, REPORT.md
//
// Definitions, fixed before anything was measured:
//
//   - D-core: the error-propagation core on-die, from operand read to result write, with buffers, clock, control and leakage.
//     Both cores do the same product, 32 x F by F x 512; at the same operations a second, so that the ratio of energies is that of powers.
//   - D-chip: one training iteration of the whole chip at the same rate of iterations, idle units gated, errors propagated
//     to the input of the first fully connected layer.
//   - On-die is units, leakage, clock tree, control and operand wires. With external memory adds its bits, its background power and
//     the interface (PHY). Plain SGD has no velocities.
//   - Equal traces: both arms start from the weights that back-propagation trained, so activations and f' are the same. Native
//     traces: each rule has its own.
//   - The headline baseline is the literal counterpart of the DEPC, epc/tree.
//
// Where the code is: nets.go (networks and data), trace.go (training), iterate.go (a chip), core.go (a core), cost.go (energies, intervals),
// sweep.go (sparsity), study.go (all runs), tables.go, published.go, figures.go, report.go.
package study
