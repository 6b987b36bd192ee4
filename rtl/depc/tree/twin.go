package tree

// Shape of the DEPC: it takes sixteen neurons a cycle, each an adder tree over sixteen errors.
const (
	Neurons = 16
	Errors  = 16
)

// TreeGo is Tree in plain Go, the twin that the kernel must equal. A sum is twice the errors whose bit is set, less all
// errors: that needs one test a bit and no negation.
func TreeGo(e *[Errors]int16, sign *[Neurons]uint16, out *[Neurons]int32) {
	all := int32(0)
	for _, v := range e {
		all += int32(v)
	}
	for n, s := range sign {
		set := int32(0)
		for c, v := range e {
			set += int32(v) & -int32(s>>c&1)
		}
		out[n] = 2*set - all
	}
}
