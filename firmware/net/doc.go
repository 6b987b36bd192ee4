// Package net describes networks: a small YAML file of layers in order, read
// by the float model and by the compiler alike.
//
//	name: small
//	input: {channels: 3, height: 32, width: 32}    # or {size: 784}
//	classes: 10
//	layers:
//	  - conv: {out: 16, kernel: 3, pad: 1}          # stride 1, pad 0 and bias true unless said
//	  - bn
//	  - relu                                        # or tanh, sigmoid
//	  - maxpool: {kernel: 2}                        # or avgpool; stride is the kernel unless said
//	  - flatten
//	  - dropout: {rate: 0.5}
//	  - fc: {out: 10}                               # bias true unless said
//
// The last layer is an fc whose outputs are the classes; the loss, softmax
// cross-entropy, is not part of the description. Shape inference fills in what
// goes into and comes out of each layer. Package onnx below this one reads the
// same networks, with weights, from ONNX files.
//
// Reading order: net.go (the types), infer.go (which layers fit), parse.go (YAML
// in, through package yamlfile), marshal.go (YAML out), presets.go.
package net
