package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"bdfasim/firmware/net"
)

// What Encode writes: the newest operators that all common readers know.
const (
	irVersion = 8
	opset     = 13
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
			e.ints("pads", l.Pad, l.Pad, l.Pad, l.Pad)
			e.end("Conv")
			w++
		case net.FC:
			e.tensor("weight", m.W[w], l.Out, l.In.Size())
			e.vector("bias", m.B[w])
			e.int("transB", 1)
			e.end("Gemm")
			w++
		case net.BN:
			e.norm(m.BN[bn])
			bn++
		case net.MaxPool:
			e.window(l)
			e.end("MaxPool")
		case net.AvgPool:
			e.window(l)
			e.end("AveragePool")
		case net.Dropout:
			e.ratio(l.Rate)
			e.end("Dropout")
		case net.Flatten:
			e.int("axis", 1)
			e.end("Flatten")
		default:
			e.end(map[net.LayerType]string{net.ReLU: "Relu", net.Tanh: "Tanh", net.Sigmoid: "Sigmoid"}[l.Type])
		}
	}
	return e.model(m.Net)
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

// encoder collects the nodes and initializers of a graph, and between begin
// and end the inputs and attributes of one node.
type encoder struct {
	elem  int // data type of the weights
	count map[net.LayerType]int

	nodes, initializers []byte
	at                  string // the output of the node before

	name, out string
	in        []string
	attrs     []byte
}

func (e *encoder) begin(kind net.LayerType, top bool) {
	e.count[kind]++
	e.name = fmt.Sprintf("%s%d", kind, e.count[kind])
	e.in, e.attrs, e.out = []string{e.at}, nil, e.name
	if top {
		e.out = "logits"
	}
}

// end writes the node of a NodeProto.
func (e *encoder) end(op string) {
	var b []byte
	for _, in := range e.in {
		b = appendText(b, 1, in)
	}
	b = appendText(b, 2, e.out)
	b = appendText(b, 3, e.name)
	b = appendText(b, 4, op)
	e.nodes = appendMessage(e.nodes, 1, append(b, e.attrs...))
	e.at = e.out
}

func (e *encoder) window(l net.Layer) {
	e.ints("kernel_shape", l.Kernel, l.Kernel)
	e.ints("strides", l.Stride, l.Stride)
}

func (e *encoder) norm(p Norm) {
	e.vector("scale", p.Scale)
	e.vector("shift", p.Shift)
	e.vector("mean", p.Mean)
	e.vector("var", p.Var)
	e.float("epsilon", p.Epsilon)
	e.float("momentum", p.Momentum)
	e.end("BatchNormalization")
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

// tensor writes an initializer, a TensorProto, and makes it the node's next
// input.
func (e *encoder) tensor(name string, v []float64, dims ...int) {
	var b, raw []byte
	for _, d := range dims {
		b = appendInt(b, 1, d)
	}
	for _, x := range v {
		if e.elem == typeFloat {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(x)))
		} else {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
		}
	}
	name = e.name + "." + name
	b = appendInt(b, 2, e.elem)
	b = appendText(b, 8, name)
	b = appendMessage(b, 9, raw)
	e.initializers = appendMessage(e.initializers, 5, b)
	e.in = append(e.in, name)
}

// The writers of an AttributeProto.

func (e *encoder) int(name string, v int) { e.attribute(name, attrInt, appendInt(nil, 3, v)) }

func (e *encoder) float(name string, v float64) {
	b := protowire.AppendTag(nil, 2, protowire.Fixed32Type)
	e.attribute(name, attrFloat, protowire.AppendFixed32(b, math.Float32bits(float32(v))))
}

func (e *encoder) ints(name string, list ...int) {
	var b []byte
	for _, v := range list {
		b = appendInt(b, 8, v)
	}
	e.attribute(name, attrInts, b)
}

func (e *encoder) attribute(name string, kind int, value []byte) {
	b := append(appendText(nil, 1, name), value...)
	e.attrs = appendMessage(e.attrs, 5, appendInt(b, 20, kind))
}

// model writes the ModelProto.
func (e *encoder) model(n *net.Net) []byte {
	name := n.Name
	if name == "" {
		name = "network"
	}
	input := []int{n.Input.Channels}
	if !n.Input.Flat() {
		input = append(input, n.Input.Height, n.Input.Width)
	}
	graph := appendText(e.nodes, 2, name)
	graph = append(graph, e.initializers...)
	graph = appendMessage(graph, 11, e.value("input", input))
	graph = appendMessage(graph, 12, e.value("logits", []int{n.Classes}))

	b := appendInt(nil, 1, irVersion)
	b = appendText(b, 2, "bdfasim")
	b = appendMessage(b, 7, graph)
	operators := appendInt(appendText(nil, 1, ""), 2, opset)
	return appendMessage(b, 8, operators)
}

// value writes a ValueInfoProto of N samples.
func (e *encoder) value(name string, sample []int) []byte {
	shape := appendMessage(nil, 1, appendText(nil, 2, "N"))
	for _, d := range sample {
		shape = appendMessage(shape, 1, appendInt(nil, 1, d))
	}
	tensor := appendMessage(appendInt(nil, 1, e.elem), 2, shape)
	return appendMessage(appendText(nil, 1, name), 2, appendMessage(nil, 1, tensor))
}

func appendMessage(b []byte, field protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), body)
}

func appendText(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendInt(b []byte, field protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}
