// Package onnx reads plain feed-forward networks with their weights from ONNX
// files, and writes them.
//
//	file.onnx --protobuf--> graph: nodes, initializers --chain--> Model: net.Net, W, B, BN
//	           wire, proto                              parse, ops
//
// The graph must be a chain: one input of (N, channels, height, width) or
// (N, features), N a number or a symbol; one output; each tensor between them
// used once. Operators, and the layers they become:
//
//	Conv                 conv, group 1, dilations 1, square kernel, equal strides and pads
//	MaxPool, AveragePool maxpool, avgpool: square, no padding
//	Gemm                 fc, alpha and beta 1, transA 0, transB 0 or 1
//	MatMul (, Add)       fc, with the bias that a following Add of a constant gives
//	BatchNormalization   bn, or, with Options.Fold, weights of the conv or fc before it
//	Relu, Sigmoid, Tanh  relu, sigmoid, tanh
//	Flatten (axis 1)     flatten; of a vector nothing
//	Reshape to (N, -1)   flatten, with the numbers that mean the same; of a vector nothing
//	Squeeze of axes 2, 3 flatten, of planes of 1 x 1
//	Dropout              dropout with its ratio; its mode does not matter
//	Softmax              nothing, at the end alone: the loss has it
//	Identity             nothing
//	Constant             a constant like an initializer, as is an Identity of one
//
// auto_pad VALID is no padding; SAME_UPPER and SAME_LOWER are accepted where
// all four sides get the same. The last layer is an fc, as in every net.Net.
// Versions 7 to 25 of the operators are accepted. A batch norm may be in
// training mode: whether it trains is not the file's to say.
//
// Numbers are FLOAT, DOUBLE or FLOAT16, in raw_data or the field of the type,
// and finite; ints are INT64. Constants may be shared, as PyTorch shares equal
// ones, and each layer gets its own copy; but layers that share their weights
// are refused, for after a step of training they would no longer do so. Data
// outside the file is refused.
//
// Errors name the file, the node and the attribute or input, or the byte at
// which the protobuf is malformed:
//
//	net.onnx: node 3 "conv2" (Conv): attribute dilations: got [2 2], want [1 1]
//	net.onnx: byte 17 (node 0): got the end of the data, want field 5, bytes with a length
//
// Nodes count from 0 in the order of the file, constants included; one without
// a name goes by its first output.
//
// Reading order: model.go (what comes out), parse.go (the chain), ops.go and
// windows.go (the operators), args.go (attributes), tensor.go (numbers),
// proto.go and wire.go (the file), encode.go (the way back).
//
// Not read: documentation, metadata, shapes of inner tensors, training
// information, functions.
package onnx
