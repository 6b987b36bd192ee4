// Package lanes is the arithmetic of the DNNC's MAC array: one operand, broadcast to all lanes,
// times one weight row, added to one accumulator row. It applies many such products at once.
//
//	pairs      {X, Row} {X, Row} ...           operands and the weight rows that they meet
//	                |      |
//	                |      +--> w, row Row | w0 | w1 | w2 | ... | wn |   int16, one per lane
//	                +--------------------->  x    x    x    ...   x
//	                            acc        | +  | +  | +  | ... | +  |   int64, one per lane
//
// # Deferral
//
// Integer addition gives the same sum in any order, so the array may collect the pairs that go to
// one accumulator row and apply them later in one call, as long as nobody reads the row in between.
// A call adds exactly
//
//	acc[l] += sum over pairs p of p.X * w[p.Row*stride+l],   0 <= l < len(acc)
//
// modulo 2^64. Narrower accumulators wrap when they are read, which gives the same bits as wrapping
// at each addition.
//
// # Kernels
//
// [Accumulate] is chosen at start-up: AVX-512 (F, VL and VNNI), else AVX2, else [AccumulateGo], the
// reference in plain Go, which the build tag purego and processors other than amd64 also select.
// The kernels cut the pairs into runs whose |X| add up to at most 65535. The magnitude of a weight
// is at most 32768 and 65535 * 32768 < 2^31, so the sums of a run fit in 32 bits. They are widened
// and added to the accumulators once per run. Real operands are small, so a run is nearly always
// the whole list. Rows and tiles that start on a multiple of 64 bytes are fastest.
//
// Both kernels rest on instructions that multiply neighbouring 16-bit words and add the two
// products. AVX2 interleaves two weight rows. AVX-512 instead multiplies a row once by (X, 0) and
// once by (0, X), which sums even and odd lanes separately. That takes no more instructions than
// interleaving, and a pair needs no partner.
//
// Cycles, stalls and events belong to the unit that uses this package.
package lanes

//go:generate go run -C ../../../tools/avo ./lanes -out ../../rtl/dnnc/lanes/lanes_amd64.s -stubs ../../rtl/dnnc/lanes/stub_amd64.go -pkg lanes
