package onnx

import (
	"fmt"
	"reflect"
)

// The messages of onnx.proto, as far as they matter here, with the numbers of
// their fields: see tag. Fields without one (documentation, shapes of inner
// tensors, metadata) are skipped.

// model is a ModelProto.
type model struct {
	IR        int64   `pb:"1"`
	Producer  string  `pb:"2"`
	Graph     *graph  `pb:"7,graph"`
	Operators []opset `pb:"8,opset_import"`
}

type opset struct {
	Domain  string `pb:"1"`
	Version int64  `pb:"2"`
}

type graph struct {
	Nodes        []*node   `pb:"1,node"`
	Name         string    `pb:"2,graph.name"`
	Initializers []*tensor `pb:"5,initializer"`
	Inputs       []value   `pb:"11,input"`
	Outputs      []value   `pb:"12,output"`
	Sparse       refused   `pb:"15,sparse_initializer,dense initializers"`
}

// value is a ValueInfoProto, an input or output of the graph.
type value struct {
	Name string    `pb:"1"`
	Type valueType `pb:"2,type"`
}

type valueType struct {
	Tensor tensorType `pb:"1,tensor_type"`
}

type tensorType struct {
	Elem  int64      `pb:"1"` // element type; 0 if the file does not say
	Shape valueShape `pb:"2,shape"`
}

type valueShape struct {
	Dims []dim `pb:"1,dim"` // nil if the file does not say
}

// dim is a number, or a symbol with number 0.
type dim struct {
	Number int64  `pb:"1"`
	Symbol string `pb:"2"`
}

func (d dim) String() string {
	if d.Symbol != "" {
		return d.Symbol
	}
	if d.Number == 0 {
		return "?"
	}
	return fmt.Sprint(d.Number)
}

type node struct {
	index  int
	In     []string    `pb:"1,input"`
	Out    []string    `pb:"2,output"`
	Name   string      `pb:"3,name"`
	Op     string      `pb:"4,op_type"`
	Attrs  []attribute `pb:"5,attribute"`
	Domain string      `pb:"7,domain"`
}

type attribute struct {
	Name   string    `pb:"1"`
	F      float32   `pb:"2"`
	I      int64     `pb:"3"`
	S      string    `pb:"4"`
	T      *tensor   `pb:"5,t"`
	Floats []float32 `pb:"7"`
	Ints   []int64   `pb:"8"`
	Kind   int64     `pb:"20"` // AttributeType; 0 in old files
}

// tensor is a TensorProto. Its elements are in Raw, if that is there, or in
// the field of its type; they are decoded when a node asks for them.
type tensor struct {
	where    string    // what errors call it
	from     *source   // of its numbers
	origin   *tensor   // the tensor that this one is another form of; nil: none
	Dims     []int64   `pb:"1,dims"`
	Kind     int64     `pb:"2,data_type"`
	Segment  refused   `pb:"3,segment,the whole tensor"`
	Floats   []float32 `pb:"4,float_data"`
	Int32s   []int64   `pb:"5,int32_data"` // float16 as its bits
	Int64s   []int64   `pb:"7,int64_data"`
	Name     string    `pb:"8,name"`
	Raw      span      `pb:"9,raw_data"`
	Doubles  []float64 `pb:"10,double_data"`
	External []entry   `pb:"13,external_data"`
	Outside  int64     `pb:"14,data_location"`
}

// entry is a StringStringEntryProto.
type entry struct {
	Key   string `pb:"1"`
	Value string `pb:"2"`
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

// readModel reads a ModelProto; version is that of its standard operators, 0 if
// the file does not say.
func readModel(data []byte) (g *graph, version int64, err error) {
	m, left := &model{}, maxMessages
	if err := (span{data: data, left: &left}).read(reflect.ValueOf(m).Elem(), "model"); err != nil {
		return nil, 0, err
	}
	if m.Graph == nil {
		return nil, 0, fmt.Errorf("model: got no graph, want one")
	}
	for _, o := range m.Operators {
		if standard(o.Domain) {
			version = o.Version
		}
	}
	for i, n := range m.Graph.Nodes {
		n.index = i
	}
	return m.Graph, version, nil
}

// standard tells whether operators of a domain are those of the ONNX standard.
func standard(domain string) bool { return domain == "" || domain == "ai.onnx" }
