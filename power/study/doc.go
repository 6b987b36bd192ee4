// Package study is the power study: it simulates one training iteration of every network on every kind of error-path
// hardware, prices it, and answers what the published saving of 35.3 % can mean.
//
//	images --> frozen convolutions --> train (fixed-point model) --> Trace: weights, sparsity, accuracy
//	Trace + Variant --> compile --> chip, one iteration --> Case: events, cycles     D-chip
//	errors of a density + Variant --> core alone --> Core: events, cycles            D-core
//	Case, Core --> Work --> Cost (power.PriceList) --> saving, interval, tornado --> tables, figures, REPORT.md
//
// Definitions, fixed before anything was measured:
//
//   - D-core: the error-propagation core on-die, from operand read to result write, with buffers, clock, control and leakage.
//     Both cores do the same product, 32 x F by F x 512; at the same operations a second, so that the ratio of energies is that of powers.
//     Words and f' bits that OMEM moves for it are the core's, the sequencer is not. No fan-in F is preferred: the answer names all.
//   - D-chip: one training iteration of the whole chip at the same rate of iterations, idle units gated, errors propagated
//     to the input of the first fully connected layer.
//   - On-die is units, leakage, clock tree, control and operand wires, and of external memory its controller (which package
//     power has on the account of external memory). With external memory adds its bits, its background power and
//     the interface (PHY). Plain SGD has no velocities; it is derived. Fused schedules read each weight once less; they are
//     simulated, for the baselines and the chip.
//   - An iteration is one in the middle of an epoch: the difference of two runs of which one is an iteration longer.
//   - Equal traces: both variants start from the weights that back-propagation trained, so activations and f' are the same; hidden
//     errors are each variant's own. Native traces: each rule has its own.
//   - The headline baseline is the literal counterpart of the DEPC, epc/tree. The cheapest is named beside it.
//   - Reproduced: the published figure lies in the 95 % interval of ours, which is the middle of what comes out when every constant
//     is drawn, by itself and the same for both sides, from its distribution over its range, with a fixed seed. What is
//     printed comes from sums in a fixed order without fused operations, so it is the same on every machine but for
//     what a processor's own exponential function does to a draw, before prices are rounded to attojoules.
//
// Reading order: study.go (all runs, of what is in study.yaml), nets.go, trace.go, iterate.go (a chip),
// core.go, width.go, cost.go (energies, intervals), tables.go and report.go with report.tmpl.
package study
