// Package qmodel is the fixed-point functional model of one training step: the integers that the
// chip must produce, bit for bit, computed on plain matrices. It is written from docs/arithmetic.md
// alone (cited as "section n"). It shares no code with the chip and knows nothing about tiles,
// memories or cycles, so that a lock-step comparison of the two is meaningful.
//
// A network has convolutional layers 1..K, perhaps none, and fully connected ones above. A step is
// five phases, in this order; Step runs them all:
//
//	Forward(x)    o_i, a_L, mask_i                 section 2, dropout 11
//	              z_i, pos_i, m, r, sh             sections 7 and 8, i <= K; running statistics
//	Loss(y)       e_L = softmax - onehot           section 3
//	Errors()      e_i of the hidden layers         sections 4 and 10, before any weight changes
//	              d_i, h_i, e_i                    sections 7 and 8, i <= K
//	Gradients()   G_i, gb_i: sums over the batch   sections 5 and 7
//	Update(eta)   V, W, vb, b, gamma, beta         sections 5 and 8; then StepNo + 1
//
// Every tensor of the step stays readable in the Model until the next one overwrites it. Matrices
// are flat and row-major, maps flat by sample, pixel, channel. Slices over layers run 0..L (0..K
// for tensors of convolutions only); an index that has no tensor (layer 0 of W, say) is nil.
//
// All products are exact sums of int16 products (golden/intgemm), so they may be computed in any
// order and by any number of cores: a sum is wrapped to AccBits once, when it is complete, and counts
// and maxima of workers are added up. Zeros are not skipped: a vector of products takes less time
// than the question. A convolution reads what its kernel sees from a padded map, a few
// whole segments a place; no matrix of columns exists. Fully connected layers take the weights as the
// left operand, as they lie, and a lane for each sample, or in the errors and gradients the errors
// and a lane for each neuron below.
//
// Files:
//
//	arith.go      roundings, saturation, wrap     config.go       with check.go, shifts.go
//	lfsr.go       the shift register              feedback.go     B_i and D_i: drawn or given
//	random.go     random words of weights         model.go        Model, Step, Eval; allocate.go
//	job.go        what workers run and count      phases.go       Forward, Errors, Gradients
//	loss.go       softmax and its error           update.go       momentum and the weights
//	stats.go      saturations and maxima          dropout.go      which outputs stay
//	conv.go       geometry of a convolution       convolution.go  z_i, d_i, G_i; with frame.go
//	connect.go    fully connected layers      work.go         operands that are not zero
//	era.go        seeds of steps
//	normarith.go  division, roots, moments        norm.go         pool.go: ReLU, pooling
//
// Methods that take a batch or a rate panic when the argument cannot belong to the network (a wrong
// length, a label out of range, a rate over 16 bits): such a call is a programming error that no
// result could express.
package qmodel
