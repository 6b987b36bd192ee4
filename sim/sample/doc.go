// Package sample tells what a training takes on the chip from a few simulated steps: cycles, energy,
// stalls and words with 95 % intervals. docs/sampling.md says what is estimated, and how well.
//
//	model   step 0   1   2  ...  k-1   k   k+1  ...     to the end: accuracy, weights, and everything
//	                              |        ^            that time does not change
//	                        state v        | compare
//	chip                 boot    k-1   k   +            on all cores
//	                            warms  is
//	                             up  counted
//
// The fixed-point model has the chip's bits, so it trains. At steps that are drawn a chip takes over
// what the model has learned and where it stands, warms up for a step, and is counted in the next.
// Points of the program cut a training into pieces (Kind); pieces that are simulated in a row are a
// Sample; samples that are alike are a family, drawn from strata.
//
//	run.go       Run: the pass over the training      strata.go    where steps and tests lie, samples
//	simulate.go  a sample on its chip                 chip.go      a chip that starts at any step
//	points.go    the points in an image               count.go     what is counted of a piece
//	exact.go     what needs no chip                   estimate.go  from samples to intervals
//	result.go    what callers ask
package sample
