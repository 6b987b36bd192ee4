// Package sample tells what a training takes on the chip from a few simulated steps: cycles, energy,
// stalls and words with 95 % intervals. docs/sampling.md says what is estimated, and how well.
//
//	fixed-point model   step 0   1   2   3 . . . k-1   k  . . . . . . . . . .   to the end: accuracy,
//	                                          |         |                       weights, and everything
//	                                       State     compare                    that time does not change
//	                                          v         |
//	chip                              boot   k-1    k   +                       on all cores
//	                                        (warms  (counted,
//	                                          up)    point to point)
//
// The fixed-point model has the chip's bits, so it trains (Run); that is fast. At chosen steps a chip
// boots, takes over what the model has learned and where it stands, runs a step to warm up, and is
// counted in the next. What it has learned is compared with the model, bit for bit.
//
// A training is divided into pieces (Kind) by points of the program: the entry of a step, the end of an
// epoch, a batch of the test, the end of the test. Samples of one family are alike; they are drawn from
// strata:
//
//	start       boot and the first step of all                  simulated, one
//	inside      steps that are neither first nor last of their epoch, strata of neighbouring epochs
//	ends        an epoch's last step, what follows it, and the first step of the next epoch
//	testedEnds  the same with a test in it: its first and its last batch
//	tests       batches inside of tests
//	finish      the end of the last epoch                       simulated, one
//
// Files, in reading order:
//
//	run.go        Run: the model's pass over the training, and samples on all cores
//	strata.go     calendar: where steps and tests lie; strata, and how many samples each gets
//	simulate.go   a sample on its chip, from point to point; what is compared
//	chip.go       a chip that starts at any step: the resume block   points.go  the points in an image
//	count.go      what is counted of a piece                         exact.go   what needs no chip
//	estimate.go   from samples to totals with intervals              result.go  what callers ask
package sample
