package onnx

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever parses passes Check, and reads back the same from what Encode
// writes. The seeds are small, for the fuzzer shortens what it finds byte by
// byte.
func FuzzParse(f *testing.F) {
	n := inferred(f, "input: {channels: 1, height: 2, width: 2}\nclasses: 2\n"+
		"layers: [{conv: {out: 1, kernel: 1}}, bn, {maxpool: {kernel: 2}}, flatten, {dropout: {rate: 0.25}}, {fc: {out: 2}}]")
	f.Add(Encode(fill(n, draws(false))))
	f.Add(Encode(fill(n, draws(true))))
	f.Add(conv(attrS("auto_pad", "SAME_UPPER"), attrIs("strides", 2, 2)))
	f.Add(pool(attrIs("kernel_shape", 2, 2), attrI("ceil_mode", 1)))
	f.Add(reshape([]int{0, 1, 2, 2}, 0, -1))
	f.Add(squeeze(1, 1, 2, 3))
	f.Add(gemm())
	f.Add(weight(tensorBytes("w", typeFloat16, []int{4, 2}, packed(5, 1, 2, 3, 4, 5, 6, 7, 8))))
	f.Add(newFile(0, 2).floats("w", 2, 2).floats("b", 2).node("MatMul", words("x", "w"), words("m")).
		node("Add", words("m", "b"), words("a")).node("Softmax", words("a"), words("y")).bytes())
	f.Add(front("Sub", attrIs("pads", 0, 0, 0, 0)))
	f.Add(pads(0, 0, 1, 1, 0, 0, 2, 2))
	f.Add(weight(external("w", "location", "numbers", "offset", "4", "length", "32")))
	f.Add(newFile(0, 1, 2, 2).ints("m", -1).ints("z", 0).node("Shape", words("x"), words("s")).node("Gather", words("s", "z"), words("g"), attrI("axis", 0)).
		node("Concat", words("g", "m"), words("t"), attrI("axis", 0)).node("Reshape", words("x", "t"), words("f")).floats("w", 2, 4).
		node("Transpose", words("w"), words("v"), attrIs("perm", 1, 0)).node("MatMul", words("f", "v"), words("y")).bytes())
	f.Add(newFile(0, 2, 3, 1).node("Transpose", words("x"), words("t"), attrIs("perm", 0, 3, 1, 2)).node("Flatten", words("t"), words("f")).
		floats("w", 6, 2).node("MatMul", words("f", "w"), words("y")).bytes())
	folder := f.TempDir()
	require.NoError(f, os.WriteFile(filepath.Join(folder, "numbers"), make([]byte, 64), 0o666))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Options{Folder: folder}.Parse(data, "f.onnx")
		if err != nil {
			require.Nil(t, m)
			require.ErrorContains(t, err, "f.onnx: ")
			return
		}
		require.NoError(t, m.Check())
		again, err := Parse(Encode(m), "f.onnx")
		require.NoError(t, err)
		if m.Net.Name == "" {
			again.Net.Name = "" // Encode gives it one
		}
		again.Scaled = m.Scaled
		require.Equal(t, m, again)
	})
}
