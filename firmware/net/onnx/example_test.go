package onnx_test

import (
	"fmt"
	"os"

	"bdfasim/firmware/net/onnx"
)

// A file that PyTorch exported becomes a description and its weights.
func ExampleParse() {
	const path = "testdata/torch-train.onnx"
	data, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := onnx.Parse(data, path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", m.Net.Marshal())
	w := 0
	for _, l := range m.Net.Layers {
		if l.Weighted() {
			fmt.Printf("%s: %d weights, %d biases\n", l.Type, len(m.W[w]), len(m.B[w]))
			w++
		}
	}
	// Output:
	// name: "torch_jit"
	// input: {channels: 2, height: 8, width: 8}
	// classes: 5
	// layers:
	//   - conv: {out: 3, kernel: 3, pad: 1, bias: false}
	//   - bn
	//   - relu
	//   - maxpool: {kernel: 2}
	//   - conv: {out: 4, kernel: 3, stride: 2, pad: 1}
	//   - relu
	//   - flatten
	//   - fc: {out: 6}
	//   - relu
	//   - dropout: {rate: 0.3}
	//   - fc: {out: 5}
	// conv: 54 weights, 0 biases
	// conv: 108 weights, 4 biases
	// fc: 96 weights, 6 biases
	// fc: 30 weights, 5 biases
}
