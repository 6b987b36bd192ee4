// Package tree is the arithmetic of the DEPC: sixteen adder trees, each of which adds or subtracts
// sixteen output errors according to the bits of a sign register.
//
//	         e[0]      e[1]           e[15]    int16, shared by all trees
//	          |         |              |
//	bit c -> +/-       +/-    ...     +/-      sign[n], one register per neuron n
//	           \       /               /
//	            (+) ... adder tree ...
//	             |
//	           out[n]                          int32: |out| <= 16 * 32768 = 2^19
//
// A feedback weight is the sign alone (binary direct feedback alignment: the product of the
// feedback matrix and the output error contains no multiplication). With fewer than 16 classes, the
// errors beyond them are 0; with more, the caller makes more passes.
//
// Tree uses AVX2 where the processor has it. [TreeGo] is the reference in plain Go; with the build
// tag purego, and on any processor but amd64, Tree is TreeGo. Results are equal bit for bit for all
// operands, including -32768.
//
// Latency and rate belong to the unit that uses this package; so do the events.
package tree

//go:generate go run -C ../../../tools/avo ./tree -out ../../rtl/depc/tree/tree_amd64.s -stubs ../../rtl/depc/tree/stub_amd64.go -pkg tree
