package lanes

import "fmt"

// Step is what the number of lanes is a multiple of.
const Step = 16

// Pair is one broadcast operand and the weight row that it meets. It fills 4 bytes, X first, so
// that the kernels load a pair as one double word.
type Pair struct {
	X   int16  // the operand, any value
	Row uint16 // the weight row
}

// check panics unless the lanes come in the steps that the kernels take.
func check(n, stride int) {
	if n%Step != 0 || stride < n {
		panic(fmt.Sprintf("lanes: got %d of %d lanes, want a multiple of %d", n, stride, Step))
	}
}

// badRow reports a pair whose row ends behind the weights. The kernels address memory without a
// check of their own, so no pair may reach them unseen.
func badRow(p Pair) {
	panic(fmt.Sprintf("lanes: pair: got row %d, want a row of the weights", p.Row))
}
