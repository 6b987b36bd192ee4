package onnx

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"bdfasim/firmware/net"
)

// The versions of the standard operators that this package has been written
// against. Below them attributes mean other things.
const firstOpset, lastOpset = 7, 25

// Options say how a file is read.
type Options struct {
	// Folder is where the file lies: numbers may be in other files in it and below it. Without it
	// ("") the file has to hold them all.
	Folder string
	// Top puts a fully connected layer of so many outputs, all zero, on a network that ends without
	// one, such as what makes features for another; 0 refuses it.
	Top int
}

// Parse reads an ONNX file; name is its name in errors alone, and that of the
// network if the graph has none. The network has passed Infer, the model Check.
func Parse(data []byte, name string) (*Model, error) { return Options{}.Parse(data, name) }

// Parse is the function Parse with options.
func (o Options) Parse(data []byte, name string) (*Model, error) {
	m, err := o.parse(data, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func (o Options) parse(data []byte, name string) (*Model, error) {
	g, version, err := readModel(data)
	if err != nil {
		return nil, err
	}
	if version < firstOpset || version > lastOpset {
		return nil, fmt.Errorf("opset_import: got version %d of the standard operators, want %d to %d", version, firstOpset, lastOpset)
	}
	if g.Name == "" {
		g.Name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	}
	from, err := newSource(o.Folder, len(data))
	if err != nil {
		return nil, err
	}
	if from.folder != nil {
		defer from.folder.Close()
	}
	b := &builder{
		graph: g, m: &Model{Net: &net.Net{Name: g.Name}}, source: from,
		taken: map[string]bool{}, consts: map[string]*tensor{}, uses: map[string][]int{},
		shapes: map[string][]int64{}, owner: map[*tensor]*node{},
	}
	if err := b.build(o.Top); err != nil {
		return nil, err
	}
	return b.m, nil
}

// builder walks the chain of nodes in the order of the file, which ONNX wants
// sorted, and puts a layer on the network for each node that is one.
type builder struct {
	graph *graph
	m     *Model

	input  value
	taken  map[string]bool    // all names of tensors so far
	consts map[string]*tensor // initializers and outputs of constant nodes
	uses   map[string][]int   // the nodes that read a tensor, one entry a reading
	shapes map[string][]int64 // of what the chain has put out
	owner  map[*tensor]*node  // the node whose weights a tensor is
	source *source
	at     string  // the tensor that the nodes so far put out
	last   *node   // the node that put it out; nil for the input
	made   []*node // the node of each layer

	// What waits for a layer that takes it in.
	front       *affine   // before the first weights
	fronts      []*node   // its nodes
	padding     [4]int    // before a conv: above, left, below, right
	lastChannel bool      // planes have their channels last, until a flatten
	turned      net.Shape // planes that were flattened so, until an fc
}

func (b *builder) build(top int) error {
	if err := b.checkOperators(); err != nil {
		return err
	}
	if err := b.start(); err != nil {
		return err
	}
	for _, n := range b.graph.Nodes {
		if err := b.node(n); err != nil {
			return err
		}
	}
	if out := b.graph.Outputs[0].Name; b.at != out {
		return fmt.Errorf("output %q: got a graph that ends in %q, want it to end in its output", out, b.at)
	}
	if n := len(b.m.Net.Layers); top > 0 && n > 0 && b.m.Net.Layers[n-1].Type != net.FC {
		if err := b.crown(top); err != nil {
			return b.problem(err)
		}
	}
	b.m.Net.Classes = b.m.Net.Top().Size()
	if err := b.m.Net.Infer(); err != nil {
		return b.problem(err)
	}
	return b.m.Check()
}

// crown puts the layer of Options.Top on the network.
func (b *builder) crown(outputs int) error {
	m, last := b.m, b.made[len(b.made)-1] // whose node errors name
	if !m.Net.Top().Flat() {
		b.made = append(b.made, last)
		if err := m.Net.Append(net.Layer{Type: net.Flatten}); err != nil {
			return err
		}
	}
	m.W, m.B = append(m.W, make([]float64, outputs*m.Net.Top().Size())), append(m.B, nil)
	b.made = append(b.made, last)
	return m.Net.Append(net.Layer{Type: net.FC, Out: outputs})
}

// checkOperators comes first, so that a graph of another sort is refused for
// its operators and not for what follows from them.
func (b *builder) checkOperators() error {
	for _, n := range b.graph.Nodes {
		op, ok := operators[n.Op]
		if !ok || !standard(n.Domain) {
			what := n.Op
			if !standard(n.Domain) {
				what = n.Domain + "." + n.Op
			}
			return n.errorf("operator: got %s, want one of %s", what, strings.Join(slices.Sorted(maps.Keys(operators)), ", "))
		}
		for i, a := range n.Attrs[:min(len(n.Attrs), len(op.attrs)+1)] { // one too many is enough
			if slices.ContainsFunc(n.Attrs[:i], func(b attribute) bool { return b.Name == a.Name }) {
				return n.errorf("attribute %s: got it twice, want it once", a.Name)
			}
			if !slices.Contains(op.attrs, a.Name) {
				return n.errorf("attribute %s: got it, want only %s", a.Name, orNone(op.attrs))
			}
		}
		if len(n.In) < op.least || len(n.In) > op.most {
			return n.errorf("inputs: got %d, want %d to %d", len(n.In), op.least, op.most)
		}
		if len(n.Out) == 0 || n.Out[0] == "" {
			return n.errorf("output 0: got no name, want one")
		}
		for _, in := range n.In {
			if n.Op != "Shape" {
				b.uses[in] = append(b.uses[in], n.index)
			}
		}
	}
	return nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// start collects the initializers and finds the input and the output.
func (b *builder) start() error {
	for i, t := range b.graph.Initializers {
		t.open(fmt.Sprintf("initializer %d", i), b.source)
		if t.Name == "" || b.taken[t.Name] {
			return fmt.Errorf("%s: name: got none or one that is taken, want its own", t.where)
		}
		b.taken[t.Name], b.consts[t.Name] = true, t
	}
	var inputs []string
	for _, v := range b.graph.Inputs {
		if b.consts[v.Name] == nil { // old files list the initializers too
			b.input = v
			inputs = append(inputs, v.Name)
		}
	}
	if len(inputs) != 1 {
		return fmt.Errorf("inputs: got %d that are no initializers %q, want 1", len(inputs), inputs)
	}
	if len(b.graph.Outputs) != 1 {
		return fmt.Errorf("outputs: got %d, want 1", len(b.graph.Outputs))
	}
	if err := b.shape(); err != nil {
		return fmt.Errorf("input %q: %w", b.input.Name, err)
	}
	if b.input.Name == "" {
		return fmt.Errorf("input: name: got none, want one")
	}
	b.taken[b.input.Name] = true
	return b.advance(nil, b.input.Name)
}

// shape reads the shape of a sample from the input.
func (b *builder) shape() error {
	v := b.input.Type.Tensor
	if v.Elem != typeFloat && v.Elem != typeDouble && v.Elem != typeFloat16 {
		return fmt.Errorf("elem_type: got %s, want FLOAT, DOUBLE or FLOAT16", typeName(v.Elem))
	}
	size := make([]int, 4)
	rank := len(v.Shape.Dims)
	ok := rank >= 2 && rank <= 4
	for i, d := range v.Shape.Dims {
		if i == 0 {
			continue // samples: a number, or a symbol, 0 or -1 for any
		}
		ok = ok && d.Symbol == "" && d.Number >= 1 && d.Number <= maxElements
		if ok {
			size[i] = int(d.Number)
		}
	}
	if !ok {
		return fmt.Errorf("shape: got %v, want [N channels height width], [N height width] or "+
			"[N features], all but N numbers from 1", v.Shape.Dims)
	}
	if b.m.Net.Input = (net.Shape{Channels: size[1], Height: size[2], Width: size[3]}); rank == 3 {
		b.m.Net.Input = net.Shape{Channels: 1, Height: size[1], Width: size[2]}
	}
	return nil
}

// node takes one node of the file.
func (b *builder) node(n *node) error {
	if b.taken[n.Out[0]] {
		return n.errorf("output %q: got a name that is taken, want its own", n.Out[0])
	}
	b.taken[n.Out[0]] = true
	op := operators[n.Op]
	if op.constant != nil && slices.Contains(n.In[:op.least], "") {
		return n.errorf("inputs: got %q, want %d that are there", n.In, op.least)
	}
	if n.Op == "Shape" || op.constant != nil && !slices.ContainsFunc(n.In, b.varies) {
		t, err := op.constant(b, n)
		b.consts[n.Out[0]] = t
		return err
	}
	if op.add == nil {
		return n.errorf("operator: got %s of what depends on the samples, want it of constants and "+
			"shapes alone", n.Op)
	}
	if err := b.checkInputs(n); err != nil {
		return err
	}
	for _, out := range n.Out[1:] {
		if out != "" && (len(b.uses[out]) > 0 || b.isOutput(out)) {
			return n.errorf("output %q: got a use of it, want the first output alone", out)
		}
	}
	if err := op.add(b, n); err != nil {
		return err
	}
	return b.advance(n, n.Out[0])
}

// checkInputs wants one input to be what the chain puts out, and the others
// constants.
func (b *builder) checkInputs(n *node) error {
	chain := 0
	if slices.Contains([]string{"Add", "Sub", "Mul", "Div"}, n.Op) && n.In[1] == b.at {
		chain = 1
	}
	for i, in := range n.In {
		switch {
		case i == chain && in != b.at:
			return n.errorf("input %d: got %q, want %q, the output before: the graph must be a chain", i, in, b.at)
		case i != chain && in != "" && b.consts[in] == nil:
			return n.errorf("input %d: got %q, want an initializer or constant", i, in)
		}
	}
	return nil
}

// advance makes a tensor the end of the chain.
func (b *builder) advance(n *node, name string) error {
	uses := len(b.uses[name])
	switch {
	case uses > 1:
		second := b.graph.Nodes[b.uses[name][1]]
		return second.errorf("input: got a second use of %q (the first is in %s), want each tensor used once: the graph must be a chain",
			name, b.graph.Nodes[b.uses[name][0]])
	case uses == 1 && b.isOutput(name):
		return b.graph.Nodes[b.uses[name][0]].errorf("input: got %q, the output of the graph, want nothing behind it", name)
	case uses == 0 && !b.isOutput(name) && n != nil:
		return n.errorf("output: got no use of %q, want one: the graph must be a chain", name)
	}
	b.at, b.last = name, n
	b.shapes[name] = b.dims()
	return nil
}

// varies tells whether a tensor is no constant.
func (b *builder) varies(name string) bool { return name != "" && b.consts[name] == nil }

// samples is the number of samples that the input has.
func (b *builder) samples() int64 {
	if n := b.input.Type.Tensor.Shape.Dims[0].Number; n > 0 {
		return n
	}
	return anyBatch
}

// dims is the shape of the tensor at the end of the chain, as the file has it.
func (b *builder) dims() []int64 {
	var all []int64
	top := b.m.Net.Top()
	switch c, h, w := int64(top.Channels), int64(top.Height), int64(top.Width); {
	case b.last == nil:
		for _, d := range b.input.Type.Tensor.Shape.Dims[1:] {
			all = append(all, d.Number)
		}
	case top.Flat():
		all = []int64{c}
	case b.lastChannel:
		all = []int64{h, w, c}
	default:
		all = []int64{c, h, w}
	}
	return append([]int64{b.samples()}, all...)
}

func (b *builder) isOutput(name string) bool { return b.graph.Outputs[0].Name == name }

// layer puts a layer on the network for a node.
func (b *builder) layer(n *node, l net.Layer) error {
	b.made = append(b.made, n)
	places := []net.LayerType{net.Conv, net.MaxPool, net.AvgPool, net.BN} // where places matter
	switch {
	case b.front != nil && !l.Weighted() && l.Type != net.Flatten:
		return n.errorf("operator: got it after %s, want a conv or an fc to take that into its weights",
			b.fronts[0])
	case b.padding != [4]int{} && l.Type != net.Conv:
		return n.errorf("operator: got it after a Pad, want a conv")
	case (b.lastChannel || b.turned != net.Shape{}) && slices.Contains(places, l.Type):
		return n.errorf("operator: got it where the channels are last, want them before rows and columns")
	}
	if err := b.m.Net.Append(l); err != nil {
		return b.problem(err)
	}
	return nil
}

// problem gives an error of package net its node.
func (b *builder) problem(err error) error {
	var p *net.Problem
	if !errors.As(err, &p) {
		return err
	}
	text := fmt.Sprintf("got %s, want %s", p.Got, p.Want)
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	if p.Layer < 0 {
		return fmt.Errorf("graph: %s", text)
	}
	return b.made[p.Layer].errorf("%s", text)
}

// String is `node 3 "conv2" (Conv)`; a node without a name goes by its output.
func (n *node) String() string {
	name := n.Name
	if name == "" && len(n.Out) > 0 {
		name = n.Out[0]
	}
	return fmt.Sprintf("node %d %q (%s)", n.index, name, n.Op)
}

func (n *node) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", n, fmt.Errorf(format, args...))
}
