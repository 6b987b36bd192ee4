package onnx

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
)

// layers is a network as its description has it.
func layers(m *Model) (list []string) {
	for _, l := range m.Net.Layers {
		list = append(list, l.String())
	}
	return list
}

// Files that PyTorch and onnx.helper wrote: the layers are those of the
// generator, and the numbers compute what PyTorch computes, so each weight is
// where the documentation says.
func TestForeignFiles(t *testing.T) {
	top := []string{"relu", "maxpool: {kernel: 2}", "conv: {out: 4, kernel: 3, stride: 2, pad: 1}", "relu", "flatten", "fc: {out: 6}", "relu"}
	lenet := []string{"conv: {out: 2, kernel: 3}", "relu", "maxpool: {kernel: 2}", "conv: {out: 3, kernel: 2}", "relu", "maxpool: {kernel: 2}",
		"flatten", "fc: {out: 5}", "relu", "fc: {out: 4}"}
	for _, c := range []struct {
		name   string
		layers []string
		bound  float64
	}{
		{"torch-train", append(append([]string{"conv: {out: 3, kernel: 3, pad: 1, bias: false}", "bn"}, top...),
			"dropout: {rate: 0.3}", "fc: {out: 5}"), 1e-6},
		{"torch-eval", append(append([]string{"conv: {out: 3, kernel: 3, pad: 1}"}, top...), "fc: {out: 5}"), 1e-6},
		{"helper", []string{"conv: {out: 2, kernel: 3, pad: 1, bias: false}", "tanh", "avgpool: {kernel: 2}", "conv: {out: 4, kernel: 3}",
			"flatten", "fc: {out: 6}", "sigmoid", "fc: {out: 3}"}, 1e-6},
		{"half", []string{"flatten", "fc: {out: 4}", "relu", "fc: {out: 3, bias: false}"}, 1e-6},
		{"torch-view", lenet, 1e-6}, {"torch-view-9", lenet, 1e-6}, {"torch-sizes", lenet, 1e-6}, {"torch-reshape-17", lenet, 1e-6},
		{"torch-flatten", lenet, 1e-6}, {"torch-external", lenet, 1e-6},
		{"torch-unfolded", []string{"fc: {out: 4}", "relu", "fc: {out: 3}"}, 1e-5},
		{"keras", []string{"conv: {out: 2, kernel: 3, stride: 2, extra: 1}", "relu", "conv: {out: 3, kernel: 4, stride: 2, pad: 1, extra: 1}", "relu",
			"flatten", "fc: {out: 4}"}, 1e-5},
		{"normalised", []string{"conv: {out: 2, kernel: 2}", "relu", "dropout: {rate: 0.25}", "flatten", "fc: {out: 3}"}, 1e-5},
	} {
		m, err := Options{Folder: "testdata"}.Parse(fixture(t, c.name), c.name)
		require.NoError(t, err)
		require.Equal(t, c.layers, layers(m), c.name)
		require.NoError(t, m.Check())
		v := expected(t, c.name)
		require.InDeltaSlice(t, v.Logits, forward(m, v.Input), c.bound, c.name)
		again, err := net.Parse(m.Net.Marshal(), "description")
		require.NoError(t, err)
		require.Equal(t, m.Net, again)
	}
}

func inferred(t testing.TB, text string) *net.Net {
	n, err := net.Parse([]byte(text), "net")
	require.NoError(t, err)
	return n
}

// Spellings of the same network that the fixtures do not have.
func TestSpellings(t *testing.T) {
	fc := func(f *file, in string) []byte {
		return f.floats("w", 12, 2).node("MatMul", words(in, "w"), words("y")).bytes()
	}
	planes := func() *file { return newFile(0, 3, 2, 2) }
	for name, data := range map[string][]byte{
		"flatten":         fc(planes().node("Flatten", words("x"), words("f")), "f"),
		"flatten, -3":     fc(planes().node("Flatten", words("x"), words("f"), attrI("axis", -3)), "f"),
		"reshape 0 -1":    fc(planes().ints("s", 0, -1).node("Reshape", words("x", "s"), words("f")), "f"),
		"reshape -1 12":   fc(planes().ints("s", -1, 12).node("Reshape", words("x", "s"), words("f")), "f"),
		"reshape 1 12":    fc(planes().ints("s", 1, 12).node("Reshape", words("x", "s"), words("f")), "f"),
		"reshape 7 -1":    fc(newFile(7, 3, 2, 2).ints("s", 7, -1).node("Reshape", words("x", "s"), words("f")), "f"),
		"flattened twice": fc(planes().node("Flatten", words("x"), words("g")).node("Flatten", words("g"), words("f")), "f"),
		"identities":      fc(planes().node("Identity", words("x"), words("g")).node("Flatten", words("g"), words("f")), "f"),
		"shape": fc(planes().ints("one", 1).ints("minus", -1).node("Shape", words("x"), words("s"), attrI("end", 1)).
			node("Concat", words("s", "minus"), words("t"), attrI("axis", 0)).node("Reshape", words("x", "t"), words("f")), "f"),
		"batch of -1": fc(newFile(-1, 3, 2, 2).node("Flatten", words("x"), words("f")), "f"),
		"zero pads": fc(planes().ints("p", 0, 0, 0, 0, 0, 0, 0, 0).node("Pad", words("x", "p"), words("g")).
			node("Flatten", words("g"), words("f")), "f"),
		"cast": fc(planes().node("Cast", words("x"), words("g"), attrI("to", typeDouble)).node("Flatten", words("g"), words("f")), "f"),
		"listed as inputs": func() []byte {
			f := planes()
			f.input("w", typeFloat, 12, 2)
			return fc(f.node("Flatten", words("x"), words("f")), "f")
		}(),
		"opset 7": func() []byte { f := planes(); f.opset = 7; return fc(f.node("Flatten", words("x"), words("f")), "f") }(),
	} {
		m, err := Parse(data, "dir/f.onnx")
		require.NoError(t, err, name)
		require.Equal(t, []string{"flatten", "fc: {out: 2, bias: false}"}, layers(m), name)
		require.Equal(t, 2.0/8, m.W[0][12], name) // row 1 starts with element 1 of the file
		require.Equal(t, "f", m.Net.Name)
	}
	m, err := Parse(newFile(0, 4).node("Dropout", words("x"), words("d"), attrF("ratio", 0.1)).floats("w", 4, 2).
		node("Gemm", words("d", "w"), words("z")).node("Softmax", words("z"), words("y"), attrI("axis", -1)).bytes(), "f")
	require.NoError(t, err)
	require.Equal(t, []string{"dropout: {rate: 0.1}", "fc: {out: 2, bias: false}"}, layers(m))
}

// What stands before the first layer, or after a layer, goes into its weights: W (scale x + shift) + b.
func TestSumsAndProductsGoIntoWeights(t *testing.T) {
	planes := func() *file {
		return newFile(0, 2, 3, 3).floats("c", 2, 1, 1).floats("w", 1, 2, 2, 2).floats("v", 4, 2)
	}
	end := func(f *file, in string) []byte {
		return f.node("Conv", words(in, "w"), words("y1")).node("Flatten", words("y1"), words("y2")).node("MatMul", words("y2", "v"), words("y")).bytes()
	}
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -2, -3, -4, -5, -6, -7, -8, -9}
	plain, err := Parse(end(planes(), "x"), "f")
	require.NoError(t, err)
	c := []float64{1. / 8, 2. / 8}
	for name, f := range map[string]struct {
		file *file
		of   func(x, c float64) float64
	}{
		"x + c":       {planes().node("Add", words("x", "c"), words("a")), func(x, c float64) float64 { return x + c }},
		"c + x":       {planes().node("Add", words("c", "x"), words("a")), func(x, c float64) float64 { return c + x }},
		"x - c":       {planes().node("Sub", words("x", "c"), words("a")), func(x, c float64) float64 { return x - c }},
		"c - x":       {planes().node("Sub", words("c", "x"), words("a")), func(x, c float64) float64 { return c - x }},
		"c * x":       {planes().node("Mul", words("c", "x"), words("a")), func(x, c float64) float64 { return c * x }},
		"x / c":       {planes().node("Div", words("x", "c"), words("a")), func(x, c float64) float64 { return x / c }},
		"(x - c) / c": {planes().node("Sub", words("x", "c"), words("d")).node("Div", words("d", "c"), words("a")), func(x, c float64) float64 { return (x - c) / c }},
		"x / c - c":   {planes().node("Div", words("x", "c"), words("d")).node("Sub", words("d", "c"), words("a")), func(x, c float64) float64 { return x/c - c }},
	} {
		m, err := Parse(end(f.file, "a"), "f")
		require.NoError(t, err, name)
		scaled := make([]float64, len(x))
		for k, v := range x {
			scaled[k] = f.of(v, c[k/9])
		}
		require.InDeltaSlice(t, forward(plain, scaled), forward(m, x), 1e-9, name)
	}
	m, err := Parse(newFile(0, 1, 3, 3).floats("w", 1, 1, 3, 3).floats("c", 1).floats("v", 9, 2).node("Mul", words("x", "c"), words("a")).
		node("Conv", words("a", "w"), words("b"), attrIs("pads", 1, 1, 1, 1)).node("Div", words("b", "c"), words("d")).
		node("Flatten", words("d"), words("e")).node("MatMul", words("e", "v"), words("y")).bytes(), "f")
	require.NoError(t, err)
	require.Equal(t, []string{"conv: {out: 1, kernel: 3, pad: 1, bias: false}", "flatten", "fc: {out: 2, bias: false}"}, layers(m))
	require.InDeltaSlice(t, []float64{1. / 8, 2. / 8, 3. / 8}, m.W[0][:3], 1e-12)
}

// auto_pad gives the padding that makes ceil(edge/stride) outputs; a pixel that has no other to match
// it lies at the far edge with SAME_UPPER, at the near one with SAME_LOWER.
func TestAutoPad(t *testing.T) {
	for edge := 1; edge <= 9; edge++ {
		for kernel := 1; kernel <= 5; kernel++ {
			for stride := 1; stride <= 4; stride++ {
				out := (edge + stride - 1) / stride
				for _, auto := range []string{"SAME_UPPER", "SAME_LOWER"} {
					f := newFile(0, 1, edge, edge).floats("w", 1, 1, kernel, kernel).floats("v", 2, out*out).
						node("Conv", words("x", "w"), words("c"), attrS("auto_pad", auto), attrIs("strides", stride, stride), attrIs("pads", 0, 0, 0, 0)).
						node("Flatten", words("c"), words("f")).node("Gemm", words("f", "v"), words("y"), attrI("transB", 1))
					m, err := Parse(f.bytes(), "f")
					require.NoError(t, err)
					total := max(0, (out-1)*stride+kernel-edge)
					near := map[string]int{"SAME_UPPER": total / 2, "SAME_LOWER": total - total/2}[auto]
					l := m.Net.Layers[0]
					require.Equal(t, []int{out, near, total - 2*near}, []int{l.To.Height, l.Pad, l.Extra})
				}
			}
		}
	}
}

// A Pad comes before what auto_pad adds to its planes.
func TestPadBeforeAutoPad(t *testing.T) {
	m, err := Parse(newFile(0, 1, 4, 4).ints("p", 0, 0, 1, 1, 0, 0, 0, 0).floats("w", 1, 1, 3, 3).floats("v", 9, 2).
		node("Pad", words("x", "p"), words("a")).node("Conv", words("a", "w"), words("c"), attrS("auto_pad", "SAME_UPPER"), attrIs("strides", 2, 2)).
		node("Flatten", words("c"), words("f")).node("MatMul", words("f", "v"), words("y")).bytes(), "f")
	require.NoError(t, err)
	require.Equal(t, "conv: {out: 1, kernel: 3, stride: 2, pad: 2, extra: -1, bias: false}", layers(m)[0]) // 5 x 5 gets 1 on each side
}

// Every binary16 number, by the value of its fields.
func TestHalf(t *testing.T) {
	for bits := range 1 << 16 {
		sign, e, m := 1-2*float64(bits>>15), bits>>10&31, float64(bits&1023)/1024
		want := sign * (1 + m) * math.Pow(2, float64(e-15))
		if e == 0 {
			want = sign * m * math.Pow(2, -14)
		}
		got := half(uint16(bits))
		switch {
		case e == 31 && m != 0:
			require.True(t, math.IsNaN(got))
		case e == 31:
			require.Equal(t, math.Inf(int(sign)), got)
		default:
			require.Equal(t, math.Float64bits(want), math.Float64bits(got))
		}
	}
}

// What ends without a fully connected layer is refused, or gets one that says nothing.
func TestTop(t *testing.T) {
	for name, file := range map[string][]byte{
		"planes": newFile(0, 2, 6, 6).floats("w", 3, 2, 3, 3).node("Conv", words("x", "w"), words("c")).
			node("Relu", words("c"), words("y")).bytes(),
		"a vector": newFile(0, 2, 6, 6).floats("w", 3, 2, 3, 3).node("Conv", words("x", "w"), words("c")).
			node("Flatten", words("c"), words("y")).bytes(),
	} {
		_, err := Parse(file, "x.onnx")
		require.ErrorContains(t, err, "got it as the last layer, want an fc", name)
		m, err := Options{Top: 2}.Parse(file, "x.onnx")
		require.NoError(t, err, name)
		last := m.Net.Layers[len(m.Net.Layers)-1]
		require.Equal(t, "48 -> 2", fmt.Sprintf("%s -> %d", last.In, last.Out), name)
		require.Equal(t, make([]float64, 96), m.W[1], name)
	}
	with, err := Options{Top: 9}.Parse(gemm(), "x.onnx")
	require.NoError(t, err)
	require.Equal(t, 2, with.Net.Classes, "one that is there stays")
}
