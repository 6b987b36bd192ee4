//go:build !amd64 || purego

package tree

// Tree sets out[n] to the sum over c of +e[c] where bit c of sign[n] is set, and of -e[c] where it is clear. The result
// is exact for all operands. Tree does not allocate.
func Tree(e *[Errors]int16, sign *[Neurons]uint16, out *[Neurons]int32) {
	TreeGo(e, sign, out)
}
