package net

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Marshal writes the description that Parse reads back as the same network:
// one line a layer, fields at their defaults left out.
func (n *Net) Marshal() []byte {
	var b bytes.Buffer
	if n.Name != "" {
		fmt.Fprintf(&b, "name: %s\n", strconv.Quote(n.Name))
	}
	if n.Input.Flat() {
		fmt.Fprintf(&b, "input: {size: %d}\n", n.Input.Channels)
	} else {
		fmt.Fprintf(&b, "input: {channels: %d, height: %d, width: %d}\n", n.Input.Channels, n.Input.Height, n.Input.Width)
	}
	fmt.Fprintf(&b, "classes: %d\nlayers:\n", n.Classes)
	for _, l := range n.Layers {
		fmt.Fprintf(&b, "  - %s\n", l)
	}
	return b.Bytes()
}

// String is the layer as it stands in a file.
func (l Layer) String() string {
	var said []string
	for _, f := range fields[l.Type] {
		switch {
		case f == "out":
			said = append(said, fmt.Sprintf("out: %d", l.Out))
		case f == "kernel":
			said = append(said, fmt.Sprintf("kernel: %d", l.Kernel))
		case f == "stride" && l.Stride != l.defaultStride():
			said = append(said, fmt.Sprintf("stride: %d", l.Stride))
		case f == "pad" && l.Pad != 0:
			said = append(said, fmt.Sprintf("pad: %d", l.Pad))
		case f == "extra" && l.Extra != 0:
			said = append(said, fmt.Sprintf("extra: %d", l.Extra))
		case f == "bias" && !l.Bias:
			said = append(said, "bias: false")
		case f == "lr-scale" && l.Scale != 0:
			said = append(said, "lr-scale: "+strconv.FormatFloat(l.Scale, 'f', -1, 64))
		case f == "rate":
			said = append(said, "rate: "+strconv.FormatFloat(l.Rate, 'f', -1, 64))
		}
	}
	if len(said) == 0 {
		return string(l.Type)
	}
	return fmt.Sprintf("%s: {%s}", l.Type, strings.Join(said, ", "))
}

// defaultStride is 1 for a convolution; pools do not overlap unless said.
func (l Layer) defaultStride() int {
	if l.Type == Conv {
		return 1
	}
	return l.Kernel
}
