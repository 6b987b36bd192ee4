// Package lockstep runs a compiled training program on a simulated chip beside the fixed-point model and compares
// everything that the program computes, bit for bit.
//
// A program marks its phases (`mark ff, r1`). Whenever all commands under a mark have retired, the chip says so, and what
// they wrote is read out of its memories and compared: outputs, f', positions of maxima, logits, errors, velocities,
// weights, biases and channel records after their update; for test images the class that they are put into; and after an
// epoch the record that the program wrote about it. The first difference ends the run.
//
//	New(image, plan, chip) --> Lockstep.Run --> nil, or a *Divergence: cycle, step, phase, layer, tensor, index, both values
package lockstep
