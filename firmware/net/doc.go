// Package net describes networks: a small YAML file of layers in order (docs/networks.md), read by
// the float model and by the compiler alike.
//
// The last layer is an fc whose outputs are the classes; the loss, softmax
// cross-entropy, is not part of the description. Shape inference fills in what
// goes into and comes out of each layer. Package onnx below this one reads the
// same networks, with weights, from ONNX files.
package net
