package onnx

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"bdfasim/firmware/net"
)

// fixture reads a file of testdata.
func fixture(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name + ".onnx")
	require.NoError(t, err)
	return data
}

// vector is an input and the logits that PyTorch computes for it.
type vector struct{ Input, Logits []float64 }

func expected(t testing.TB, name string) (v vector) {
	data, err := os.ReadFile("testdata/" + name + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &v))
	return v
}

// forward computes a model as its documentation says, one loop an index.
func forward(m *Model, x []float64) []float64 {
	w, bn := 0, 0
	for _, l := range m.Net.Layers {
		y := make([]float64, l.To.Size())
		switch l.Type {
		case net.Conv:
			copy(y, slide(l, x, func(out, in, r, c int) float64 {
				return m.W[w][((out*l.In.Channels+in)*l.Kernel+r)*l.Kernel+c]
			}, m.B[w]))
			w++
		case net.FC:
			for o := range y {
				if l.Bias {
					y[o] = m.B[w][o]
				}
				for i, v := range x {
					y[o] += m.W[w][o*len(x)+i] * v
				}
			}
			w++
		case net.BN:
			p, each := m.BN[bn], l.In.Size()/l.In.Channels
			for i, v := range x {
				c := i / each
				y[i] = p.Scale[c]*(v-p.Mean[c])/math.Sqrt(p.Var[c]+p.Epsilon) + p.Shift[c]
			}
			bn++
		case net.AvgPool:
			copy(y, slide(l, x, func(out, in, _, _ int) float64 {
				if out != in {
					return 0
				}
				return 1 / float64(l.Kernel*l.Kernel)
			}, nil))
		case net.MaxPool:
			y = maxPool(l, x)
		default:
			for i, v := range x {
				y[i] = map[net.LayerType]float64{net.ReLU: max(v, 0), net.Tanh: math.Tanh(v), net.Sigmoid: 1 / (1 + math.Exp(-v)),
					net.Flatten: v, net.Dropout: v}[l.Type]
			}
		}
		x = y
	}
	return x
}

func slide(l net.Layer, x []float64, weight func(out, in, r, c int) float64, bias []float64) (y []float64) {
	for out := range l.To.Channels {
		for row := range l.To.Height {
			for col := range l.To.Width {
				sum := 0.0
				if bias != nil {
					sum = bias[out]
				}
				for in := range l.In.Channels {
					for r := range l.Kernel {
						for c := range l.Kernel {
							i, j := row*l.Stride+r-l.Pad, col*l.Stride+c-l.Pad
							if i >= 0 && j >= 0 && i < l.In.Height && j < l.In.Width {
								sum += weight(out, in, r, c) * x[(in*l.In.Height+i)*l.In.Width+j]
							}
						}
					}
				}
				y = append(y, sum)
			}
		}
	}
	return y
}

func maxPool(l net.Layer, x []float64) (y []float64) {
	for ch := range l.To.Channels {
		for row := range l.To.Height {
			for col := range l.To.Width {
				best := math.Inf(-1)
				for r := range l.Kernel {
					for c := range l.Kernel {
						best = max(best, x[(ch*l.In.Height+row*l.Stride+r)*l.In.Width+col*l.Stride+c])
					}
				}
				y = append(y, best)
			}
		}
	}
	return y
}

// The functions below write files that Encode does not, right and wrong ones.

// file is a graph in the making.
type file struct {
	nodes, initializers, inputs, outputs []byte
	opset                                int
}

// newFile has an input x of the given shape (0 is a symbol) and an output y.
func newFile(dims ...int) *file {
	f := &file{opset: 13}
	f.input("x", typeFloat, dims...)
	f.output("y")
	return f
}

func (f *file) value(name string, elem int, dims ...int) []byte {
	var shape []byte
	for _, d := range dims {
		if d == 0 {
			shape = appendBytes(shape, 1, appendText(nil, 2, "N"))
			continue
		}
		shape = appendBytes(shape, 1, appendInt(nil, 1, d))
	}
	kind := appendBytes(nil, 1, appendBytes(appendInt(nil, 1, elem), 2, shape))
	return appendBytes(appendText(nil, 1, name), 2, kind)
}

func (f *file) input(name string, elem int, dims ...int) {
	f.inputs = appendBytes(f.inputs, 11, f.value(name, elem, dims...))
}

func (f *file) output(name string) {
	f.outputs = appendBytes(f.outputs, 12, f.value(name, typeFloat, 0))
}

// node adds a node whose name is its first output.
func (f *file) node(op string, in, out []string, attrs ...[]byte) *file {
	var b []byte
	for _, s := range in {
		b = appendText(b, 1, s)
	}
	for _, s := range out {
		b = appendText(b, 2, s)
	}
	b = appendText(b, 4, op)
	for _, a := range attrs {
		b = appendBytes(b, 5, a)
	}
	f.nodes = appendBytes(f.nodes, 1, b)
	return f
}

// floats adds an initializer of FLOATs that count up from 1, in eighths.
func (f *file) floats(name string, dims ...int) *file {
	n := 1
	for _, d := range dims {
		n *= d
	}
	var raw []byte
	for i := range n {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(i+1)/8))
	}
	return f.initializer(tensorBytes(name, typeFloat, dims, appendBytes(nil, 9, raw)))
}

// ints adds an initializer of INT64s.
func (f *file) ints(name string, list ...int) *file {
	var b []byte
	for _, v := range list {
		b = appendInt(b, 7, v)
	}
	return f.initializer(tensorBytes(name, typeInt64, []int{len(list)}, b))
}

func (f *file) initializer(b []byte) *file {
	f.initializers = appendBytes(f.initializers, 5, b)
	return f
}

func tensorBytes(name string, kind int, dims []int, data []byte) []byte {
	var b []byte
	for _, d := range dims {
		b = appendInt(b, 1, d)
	}
	return append(appendText(appendInt(b, 2, kind), 8, name), data...)
}

func (f *file) bytes() []byte {
	g := append(append(append(append([]byte{}, f.nodes...), f.initializers...), f.inputs...), f.outputs...)
	return appendBytes(appendBytes(nil, 7, g), 8, appendInt(nil, 2, f.opset))
}

// The attributes of a node; their type is left out, as in old files.

func attrI(name string, v int) []byte { return appendInt(appendText(nil, 1, name), 3, v) }

func attrF(name string, v float64) []byte {
	b := protowire.AppendTag(appendText(nil, 1, name), 2, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, math.Float32bits(float32(v)))
}

func attrS(name, v string) []byte { return appendText(appendText(nil, 1, name), 4, v) }

func attrIs(name string, list ...int) []byte {
	b := appendText(nil, 1, name)
	for _, v := range list {
		b = appendInt(b, 8, v)
	}
	return b
}

func words(s ...string) []string { return s }

func appendBytes(b []byte, field protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), body)
}

func appendText(b []byte, field protowire.Number, s string) []byte {
	return appendBytes(b, field, []byte(s))
}

func appendInt(b []byte, field protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}
