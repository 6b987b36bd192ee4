// Package compile turns a network description into a program for the chip, and an image that
// trains the network. firmware/README.md explains the words and the passes: Lower, then plan, tile
// and emit. The arithmetic is that of docs/arithmetic.md, and docs/networks.md has what the chip
// takes and refuses.
package compile
