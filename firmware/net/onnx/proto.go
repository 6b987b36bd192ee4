package onnx

import (
	"fmt"
	"slices"
)

// The messages of onnx.proto, as far as they matter here. Fields that are not
// read (documentation, shapes of inner tensors, metadata) are skipped.

type graph struct {
	name         string
	opset        int64 // of the standard operators; 0 if the file does not say
	nodes        []*node
	initializers []*tensor
	inputs       []value
	outputs      []value
}

// value is an input or output of the graph.
type value struct {
	name string
	elem int64 // element type; 0 if the file does not say
	dims []dim // nil if the file does not say
}

// dim is a number, or a symbol with number 0.
type dim struct {
	number int64
	symbol string
}

func (d dim) String() string {
	if d.symbol != "" {
		return d.symbol
	}
	if d.number == 0 {
		return "?"
	}
	return fmt.Sprint(d.number)
}

type node struct {
	index            int
	name, op, domain string
	in, out          []string
	attrs            []attribute
}

type attribute struct {
	name   string
	kind   int64 // AttributeType; 0 in old files
	f      float32
	i      int64
	s      string
	t      *tensor
	floats []float64
	ints   []int64
}

// Values of AttributeProto.AttributeType.
const (
	attrFloat = iota + 1
	attrInt
	attrString
	attrTensor
	attrGraph
	attrFloats
	attrInts
)

var attrNames = []string{"no type", "FLOAT", "INT", "STRING", "TENSOR", "GRAPH", "FLOATS", "INTS"}

func attrName(kind int64) string {
	if kind >= 0 && kind < int64(len(attrNames)) {
		return attrNames[kind]
	}
	return fmt.Sprintf("type %d", kind)
}

// readModel reads a ModelProto.
func readModel(data []byte) (*graph, error) {
	g, found := &graph{}, false
	err := span{data: data}.fields("model", func(f field) error {
		switch f.num {
		case 7:
			if found {
				return malformed(f.at, "model", "a second graph", "one")
			}
			found = true
			return f.graph(g)
		case 8:
			return f.opset(g)
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("model: got no graph, want one")
	}
	return g, err
}

// opset reads an OperatorSetIdProto.
func (f field) opset(g *graph) error {
	const where = "opset_import"
	var s span
	if err := f.message(&s, where); err != nil {
		return err
	}
	domain, version := "", int64(0)
	err := s.fields(where, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&domain, where)
		case 2:
			return f.int(&version, where)
		}
		return nil
	})
	if err == nil && standard(domain) {
		g.opset = version
	}
	return err
}

// standard tells whether operators of a domain are those of the ONNX standard.
func standard(domain string) bool { return domain == "" || domain == "ai.onnx" }

func (f field) graph(g *graph) error {
	var s span
	if err := f.message(&s, "graph"); err != nil {
		return err
	}
	return s.fields("graph", func(f field) (err error) {
		switch f.num {
		case 1:
			n := &node{index: len(g.nodes)}
			g.nodes = append(g.nodes, n)
			return f.node(n)
		case 2:
			return f.text(&g.name, "graph.name")
		case 5:
			where := fmt.Sprintf("initializer %d", len(g.initializers))
			t, err := f.tensor(where)
			g.initializers = append(g.initializers, t)
			return err
		case 11:
			g.inputs, err = f.values(g.inputs, "input")
		case 12:
			g.outputs, err = f.values(g.outputs, "output")
		case 15:
			return fmt.Errorf("byte %d (graph): sparse_initializer: got one, want dense initializers", f.at)
		}
		return err
	})
}

func (f field) node(n *node) error {
	where := fmt.Sprintf("node %d", n.index)
	var s span
	if err := f.message(&s, where); err != nil {
		return err
	}
	return s.fields(where, func(f field) error {
		switch f.num {
		case 1:
			return f.texts(&n.in, where+" input")
		case 2:
			return f.texts(&n.out, where+" output")
		case 3:
			return f.text(&n.name, where+" name")
		case 4:
			return f.text(&n.op, where+" op_type")
		case 5:
			return f.attribute(n, where)
		case 7:
			return f.text(&n.domain, where+" domain")
		}
		return nil
	})
}

func (f field) attribute(n *node, where string) error {
	where += " attribute"
	var s span
	if err := f.message(&s, where); err != nil {
		return err
	}
	var a attribute
	err := s.fields(where, func(f field) (err error) {
		switch f.num {
		case 1:
			return f.text(&a.name, where)
		case 2:
			return f.float(&a.f, where)
		case 3:
			return f.int(&a.i, where)
		case 4:
			return f.text(&a.s, where)
		case 5:
			a.t, err = f.tensor(where)
		case 7:
			return f.floats(&a.floats, where)
		case 8:
			return f.ints(&a.ints, where)
		case 20:
			return f.int(&a.kind, where)
		}
		return err
	})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(n.attrs, func(b attribute) bool { return b.name == a.name }) {
		return malformed(f.at, where, fmt.Sprintf("%q twice", a.name), "it once")
	}
	n.attrs = append(n.attrs, a)
	return nil
}

// values appends a ValueInfoProto with the shape inside it.
func (f field) values(to []value, where string) ([]value, error) {
	where = fmt.Sprintf("%s %d", where, len(to))
	var v value
	var s, kind, tensor, shape span
	if err := f.message(&s, where); err != nil {
		return nil, err
	}
	err := s.fields(where, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&v.name, where)
		case 2:
			return f.message(&kind, where)
		}
		return nil
	})
	if err == nil {
		err = kind.fields(where+" type", func(f field) error {
			if f.num == 1 {
				return f.message(&tensor, where)
			}
			return nil
		})
	}
	if err == nil {
		err = tensor.fields(where+" tensor_type", func(f field) error {
			switch f.num {
			case 1:
				return f.int(&v.elem, where)
			case 2:
				return f.message(&shape, where)
			}
			return nil
		})
	}
	if err == nil {
		err = shape.fields(where+" shape", func(f field) error {
			if f.num == 1 {
				return f.dim(&v, where)
			}
			return nil
		})
	}
	return append(to, v), err
}

func (f field) dim(v *value, where string) error {
	where += " dim"
	var s span
	if err := f.message(&s, where); err != nil {
		return err
	}
	var d dim
	err := s.fields(where, func(f field) error {
		switch f.num {
		case 1:
			return f.int(&d.number, where)
		case 2:
			return f.text(&d.symbol, where)
		}
		return nil
	})
	v.dims = append(v.dims, d)
	return err
}
