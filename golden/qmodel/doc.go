// Package qmodel is the fixed-point functional model of one training step: the integers that the chip must produce, bit
// for bit, computed on plain matrices. It is written from docs/arithmetic.md alone (the sections are cited as "section
// n"), shares no code with the chip and knows nothing of tiles, memories or cycles, so that a lock-step comparison of
// the two means something.
//
// A step is five phases, in this order; Step runs them all:
//
//	Forward(x)    o_i, a_L, mask_i                 section 2
//	Loss(y)       e_L = softmax - onehot           section 3
//	Errors()      e_i of the hidden layers         section 4, before any weight changes
//	Gradients()   G_i, gb_i: sums over the batch   section 5
//	Update(eta)   V, W, vb, b; then StepNo + 1     section 5
//
// Every tensor of the step stays readable in the Model until the next one overwrites it. Matrices are flat and
// row-major. Slices over layers run 0..L; an index that has no tensor (layer 0 of W, say) is nil.
//
// Where the code is:
//
//	arith.go     roundings, saturation, wrap-around     config.go    formats, configuration, validation
//	lfsr.go      the shift register                     feedback.go  the signs B_i: drawn, stored, packed
//	random.go    the random word of each weight         model.go     the Model, Step, Eval
//	dots.go      the one inner loop                     phases.go    Forward, Errors, Gradients
//	loss.go      softmax and its error                  update.go    momentum and the weights
//	stats.go     saturations and maxima
//
// Methods that take a batch or a rate panic when the argument cannot belong to the network (a wrong length, a label out
// of range, a rate over 16 bits): the caller has made a mistake that no result could express.
package qmodel
