//go:build amd64 && !purego

package tree

import "golang.org/x/sys/cpu"

// simd tells that Tree uses the kernel. Only tests change it.
var simd = cpu.X86.HasAVX2

// Tree sets out[n] to the sum over c of +e[c] where bit c of sign[n] is set, and of -e[c] where it is clear. The result
// is exact for all operands. Tree does not allocate.
func Tree(e *[Errors]int16, sign *[Neurons]uint16, out *[Neurons]int32) {
	if simd {
		treeAVX2(&e[0], &sign[0], &out[0])
		return
	}
	TreeGo(e, sign, out)
}
