// Package intgemm multiplies matrices of int16 with exact sums of 64 bits, on all cores. The result
// is an integer, so neither kernel, blocks nor workers can change it.
//
//	emit(row, lane, sums):  sums[l] = sum over segments s and k < Run of
//	                        left[at(row) + s*Step + k] * right[lane+l][s][k]
//
// # Operands
//
// The left one is read where it lies: a number of each of six rows, with its successor, is
// broadcast and meets 64 lanes of the right one. A row is a few segments at a constant distance.
// What a kernel of a convolution sees of a padded map has this form, so the columns of a
// convolution exist nowhere. (This is close to Dukhan, "The Indirect Convolution Algorithm", 2019.)
// The right operand is packed in panels of 16 lanes, two numbers of a lane side by side:
//
//	panel   | lane 0: k=0 k=1 | lane 1: k=0 k=1 | ... | lane 15 | lane 0: k=2 k=3 | ...
//
// # Sums
//
// Kernels sum in 32 bits and widen once per chunk of pairs. Sums modulo 2^32 may leave the range on
// the way, and so may the two products of a pair: VPMADDWD gives -2^31 for four times -32768. Only
// the last sum of a chunk must fit. By Cauchy and Schwarz its square is at most the sum of squares
// of the left row times that of the lane. Both are known: of the left operand a bound over all
// rows, of the right one the largest lane in each granule of four pairs. A chunk is as long as the
// product of the two stays below 2^62, for real operands nearly always the whole row. A granule
// that does not fit by itself has operands near the ends of their range. The definition sums it,
// in 64 bits, many times as slow and as exact.
//
// # Kernels
//
// AVX-512 with VNNI, else AVX2, else the definition in Go, tileGo, which the tag purego selects
// too. BenchmarkDo/host is a kernel alone with operands in the first-level cache on all cores, the
// rate that others compare with.
//
// Reading order: tile.go, intgemm.go, right.go, kernel_amd64.go; ../../tools/avo/intgemm.
package intgemm

//go:generate go run -C ../../tools/avo ./intgemm -out ../../golden/intgemm/intgemm_amd64.s -stubs ../../golden/intgemm/stub_amd64.go -pkg intgemm
