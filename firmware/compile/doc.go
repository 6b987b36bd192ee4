// Package compile turns a network description into a program for the chip, and an image that
// trains the network. It works in passes: Lower, then plan, tile and emit, each in files of its
// own. firmware/README.md explains the words and the passes.
//
// Convolutions keep their maps in external memory, raw, and bring them through OMEM compressed,
// strip by strip; fully connected layers keep theirs on the chip. The arithmetic is that of
// docs/arithmetic.md, and docs/networks.md has what the chip takes and refuses. Package
// firmware/predict tells from a Plan how long a training step takes.
package compile
