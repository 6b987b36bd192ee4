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
// Convolutions are multiplied in float64 by golden/gemm, which is exact here: all operands are
// int16, and a sum of at most 2^22 products stays below 2^53. A step of VGG-16 for 32 images of 32
// x 32 (BenchmarkVGG) takes seconds.
//
// Files:
//
//	arith.go      roundings, saturation, wrap     config.go       with check.go, shifts.go
//	lfsr.go       the shift register              feedback.go     B_i and D_i: drawn or given
//	random.go     random words of weights         model.go        Model, Step, Eval; allocate.go
//	dots.go       the one inner loop              phases.go       Forward, Errors, Gradients
//	loss.go       softmax and its error           update.go       momentum and the weights
//	stats.go      saturations and maxima          dropout.go      which outputs stay
//	conv.go       geometry of a convolution       convolution.go  z_i, d_i, G_i; with convolver.go
//	normarith.go  division, roots, moments        norm.go         pool.go: ReLU, pooling
//
// Methods that take a batch or a rate panic when the argument cannot belong to the network (a wrong
// length, a label out of range, a rate over 16 bits): such a call is a programming error that no
// result could express.
package qmodel
