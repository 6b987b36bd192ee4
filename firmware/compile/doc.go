// Package compile turns a network description into a program for the chip: a tiling and memory plan, readable assembly,
// and an image that trains the network.
//
//	net.Net --Lower--> []Layer --Spec--> Build --> image.Image (program, tables, weights, images)
//	                                           \--> Plan       (where everything lies, the assembly text)
//
//	spec.go       what to compile           lower.go      lines of a description -> the chip's layers
//	check.go      what is wrong with a specification
//	plan.go       external memory           onchip.go     OMEM, pointers, masks, signs, the error buffer
//	strips.go     a convolution's maps cut into strips and tiles, its weights into jobs
//	passes.go     the tables of a convolution's passes, as asm/conv.s reads them
//	asm/conv.s    convolutions: strips, tiles and jobs, the same text for every network
//	program.go    the program's frame       text.go       writing assembly
//	forward.go    the forward phase         backward.go   errors; update.go: gradients, updates; stream.go: inputs too large for OMEM
//	fused.go      updates inside the next forward pass
//	build.go      the image                 read.go       tensors out of external memory; trained.go: as numbers
//	report.go     what a program takes of the chip's memories, its passes and its size of external memory
//
// Convolutions keep their maps in external memory, raw, and bring them through OMEM compressed, strip by strip; fully
// connected layers keep theirs on the chip. The arithmetic is that of docs/arithmetic.md, what the chip takes and refuses is in
// docs/networks.md. Package firmware/predict tells from a Plan how long a training step takes.
package compile
