// Package compile turns a network description into a program for the chip, and an image that
// trains the network. It works in passes: Lower, then plan, tile and emit, each in files of its
// own. firmware/README.md explains the words and the passes.
//
// Convolutions keep their maps in external memory, raw, and bring them through OMEM compressed,
// strip by strip; fully connected layers keep theirs on the chip. The arithmetic is that of
// docs/arithmetic.md, what the chip takes and refuses is in docs/networks.md, and what
// predictions are worth in docs/timing.md.
//
//	predict.go          runs a program on a model of the chip that computes nothing
//	predict_seq.go      SEQ, its instructions and marks
//	predict_array.go    weight loads and products: WLD and DNNC
//	predict_stream.go   operands of a stream, zeros and taps outside a map among them
//	predict_units.go    drain, update, loss, error cores, DMA
//	predict_norm.go     normalisation, with the rows of external memory that it opens
//	predict_bus.go      external memory, shared by those who want it
package compile
