// Package firmware holds the training programs of the chip (back-propagation and binary direct feedback alignment, in
// assembly in the folder asm) and plans memory for them.
//
// There is one program a learning rule, and it serves every network: it reads a header and a table of layer descriptors
// from external memory. This package writes them.
//
//	Spec --Build--> image.Image (program, header, descriptors, order tables, images, weights)
//	           \--> Plan        (where everything lies; PlanFromImage gets it back from an image)
//	Plan.Weights(memory, i), Velocities, Biases, BiasVelocities, Results: read external memory after a run
//
//	spec.go      what to train, and its validation
//	structs.go   header, layer descriptor and result record, as asm/memory.s names them
//	plan.go      addresses in external memory; omem.go: in OMEM, pointer, mask and sign memory
//	layout.go    blocks of weights and velocities, padded images, order tables, stored signs
//	quantize.go  floats to fixed point, feedback seeds
//	build.go     puts the image together; program.go assembles the program
//	read.go      reads tensors and results from external memory; decode.go: a plan from an image
//
// docs/firmware.md shows the memory map, the structures and the schedule of a step. The arithmetic is that of
// docs/arithmetic.md, whose section numbers the comments cite.
package firmware
