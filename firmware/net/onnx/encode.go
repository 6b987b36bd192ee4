package onnx

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"bdfasim/firmware/net"
)

// What Encode writes: the newest operators that all common readers know.
const (
	irVersion = 8
	version   = 13
)

// Encode writes a model as an ONNX file (IR version 8, operators of version
// 13) that Parse reads back as the same model: Conv, Gemm with transB 1 and
// the operators of the other kinds, one a layer, an input of N samples and the
// logits as output. Numbers are FLOAT if all weights are float32 numbers, else
// DOUBLE. Epsilon and Momentum are rounded to float32, the only type ONNX has
// for them; a network without a name is called network, as ONNX wants one.
//
// The model must pass Check; Encode panics with its error if it does not.
func Encode(m *Model) []byte {
	if err := m.Check(); err != nil {
		panic(err)
	}
	e := &encoder{elem: typeFloat, at: "input", count: map[net.LayerType]int{}}
	if !m.single() {
		e.elem = typeDouble
	}
	w, bn := 0, 0
	for i, l := range m.Net.Layers {
		e.begin(l.Type, i == len(m.Net.Layers)-1)
		switch l.Type {
		case net.Conv:
			e.tensor("weight", m.W[w], l.Out, l.In.Channels, l.Kernel, l.Kernel)
			e.vector("bias", m.B[w])
			e.window(l)
			e.ints("pads", l.Pad, l.Pad, l.Pad+l.Extra, l.Pad+l.Extra)
			w++
		case net.FC:
			e.tensor("weight", m.W[w], l.Out, l.In.Size())
			e.vector("bias", m.B[w])
			e.int("transB", 1)
			w++
		case net.BN:
			e.norm(m.BN[bn])
			bn++
		case net.MaxPool, net.AvgPool:
			e.window(l)
		case net.Dropout:
			e.ratio(l.Rate)
		case net.Flatten:
			e.int("axis", 1)
		}
	}
	return e.model(m.Net)
}

// operatorOf is the operator that a layer is written as.
var operatorOf = map[net.LayerType]string{
	net.Conv: "Conv", net.FC: "Gemm", net.BN: "BatchNormalization", net.MaxPool: "MaxPool", net.AvgPool: "AveragePool",
	net.Dropout: "Dropout", net.Flatten: "Flatten", net.ReLU: "Relu", net.Tanh: "Tanh", net.Sigmoid: "Sigmoid",
}

// single tells whether every number is one of float32.
func (m *Model) single() bool {
	lists := append(append([][]float64{}, m.W...), m.B...)
	for _, p := range m.BN {
		lists = append(lists, p.Scale, p.Shift, p.Mean, p.Var)
	}
	for _, list := range lists {
		for _, v := range list {
			if float64(float32(v)) != v {
				return false
			}
		}
	}
	return true
}

// encoder collects the nodes and initializers of a graph.
type encoder struct {
	elem  int64 // data type of the weights
	count map[net.LayerType]int
	graph graph
	at    string // the output of the last node
}

// begin adds a node, which the methods below give its inputs and attributes.
func (e *encoder) begin(kind net.LayerType, top bool) {
	e.count[kind]++
	name := fmt.Sprintf("%s%d", kind, e.count[kind])
	n := &node{Name: name, Op: operatorOf[kind], In: []string{e.at}, Out: []string{name}}
	if top {
		n.Out[0] = "logits"
	}
	e.graph.Nodes, e.at = append(e.graph.Nodes, n), n.Out[0]
}

func (e *encoder) node() *node { return e.graph.Nodes[len(e.graph.Nodes)-1] }

func (e *encoder) window(l net.Layer) {
	e.ints("kernel_shape", l.Kernel, l.Kernel)
	e.ints("strides", l.Stride, l.Stride)
}

func (e *encoder) norm(p Norm) {
	e.vector("scale", p.Scale)
	e.vector("shift", p.Shift)
	e.vector("mean", p.Mean)
	e.vector("var", p.Var)
	e.attribute(attribute{Name: "epsilon", Kind: attrFloat, F: float32(p.Epsilon)})
	e.attribute(attribute{Name: "momentum", Kind: attrFloat, F: float32(p.Momentum)})
}

// ratio is a scalar of a type of its own: FLOAT unless that would not read
// back as the same number.
func (e *encoder) ratio(rate float64) {
	elem := e.elem
	if e.elem = typeDouble; shortest(float32(rate)) == rate {
		e.elem, rate = typeFloat, float64(float32(rate))
	}
	e.tensor("ratio", []float64{rate})
	e.elem = elem
}

// vector is an input that a layer without it (v nil) leaves out.
func (e *encoder) vector(name string, v []float64) {
	if v != nil {
		e.tensor(name, v, len(v))
	}
}

// tensor adds an initializer and makes it the node's next input.
func (e *encoder) tensor(name string, v []float64, dims ...int) {
	n := e.node()
	t := &tensor{Kind: e.elem, Name: n.Name + "." + name, Dims: int64s(dims)}
	for _, x := range v {
		if e.elem == typeFloat {
			t.Raw.data = binary.LittleEndian.AppendUint32(t.Raw.data, math.Float32bits(float32(x)))
		} else {
			t.Raw.data = binary.LittleEndian.AppendUint64(t.Raw.data, math.Float64bits(x))
		}
	}
	e.graph.Initializers, n.In = append(e.graph.Initializers, t), append(n.In, t.Name)
}

func (e *encoder) int(name string, v int64) {
	e.attribute(attribute{Name: name, Kind: attrInt, I: v})
}

func (e *encoder) ints(name string, list ...int) {
	e.attribute(attribute{Name: name, Kind: attrInts, Ints: int64s(list)})
}

func (e *encoder) attribute(a attribute) {
	n := e.node()
	n.Attrs = append(n.Attrs, a)
}

func int64s(list []int) (out []int64) {
	for _, v := range list {
		out = append(out, int64(v))
	}
	return out
}

func (e *encoder) model(n *net.Net) []byte {
	input := []dim{{Number: int64(n.Input.Channels)}}
	if !n.Input.Flat() {
		input = append(input, dim{Number: int64(n.Input.Height)}, dim{Number: int64(n.Input.Width)})
	}
	e.graph.Name = cmp.Or(n.Name, "network")
	e.graph.Inputs = []value{e.value("input", input...)}
	e.graph.Outputs = []value{e.value("logits", dim{Number: int64(n.Classes)})}
	return appendMessage(nil, reflect.ValueOf(model{IR: irVersion, Producer: "bdfasim", Graph: &e.graph, Operators: []opset{{Version: version}}}))
}

// value describes N samples.
func (e *encoder) value(name string, sample ...dim) value {
	v := value{Name: name}
	v.Type.Tensor = tensorType{e.elem, valueShape{append([]dim{{Symbol: "N"}}, sample...)}}
	return v
}
