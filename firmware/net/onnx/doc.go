// Package onnx reads plain feed-forward networks with their weights from ONNX files, and writes
// them.
//
//	file.onnx --protobuf--> graph: nodes, initializers --chain--> Model: net.Net, W, B, BN
//	           wire, proto                              parse, ops
//
// The graph must be a chain: one input of (N, channels, height, width), (N, height, width) or (N,
// features), N a number, a symbol or -1; one output; each tensor between them used once. Operators,
// and the layers they become:
//
//	Conv                 conv, group 1, dilations 1, square kernel, equal strides, as many zeros
//	                     above as at the left, and below as at the right
//	MaxPool, AveragePool maxpool, avgpool: square, no padding
//	Gemm                 fc, alpha and beta in its numbers, transA 0, transB 0 or 1
//	MatMul               fc
//	BatchNormalization   bn
//	Relu, Sigmoid, Tanh  relu, sigmoid, tanh
//	Flatten (axis 1)     flatten; of a vector nothing
//	Reshape to (N, -1)   flatten, with the numbers that mean the same; of a vector nothing
//	Squeeze of axes 2, 3 flatten, of planes of 1 x 1
//	Dropout              dropout with its ratio; its mode does not matter
//	Softmax, LogSoftmax  nothing, at the end alone: the loss has it
//	Identity, Cast       nothing
//	Constant             a constant like an initializer
//	Pad with zeros       padding of the conv that follows
//	Add, Sub, Mul, Div   of a constant, one number or one a channel: weights beside it
//	Transpose, Reshape   of images with their channels last, before the first layer and before a
//	                     flatten; the columns of the fc that follows are put into our order
//
// Computed while reading are Cast, Identity and Transpose of constants, and Cast, Concat, Gather,
// Mul, Slice, Squeeze and Unsqueeze of shapes, which a Shape gives of any tensor. docs/networks.md
// tells what is folded into weights, and when that would not be exact.
//
// Versions 7 to 25 of the operators are accepted. A batch norm may be in training mode: whether it
// trains is not the file's to say.
//
// Numbers are FLOAT, DOUBLE or FLOAT16, in raw_data or the field of the type, and finite; ints are
// INT64 or INT32. They may lie in other files (external data), which must be in the folder of the
// model or below it, each byte of them used once. Constants may be shared, as PyTorch shares equal
// ones, and each layer gets its own copy; but layers that share their weights are refused, for
// after a step of training they would no longer do so.
//
// Errors name the file, the node and the attribute or input, or the byte at which the protobuf is
// malformed:
//
//	net.onnx: node 3 "conv2" (Conv): attribute dilations: got [2 2], want [1 1]
//	net.onnx: byte 17 (node 0): got the end of the data, want field 5, bytes with a length
//
// Nodes count from 0 in the order of the file, constants included; one without a name goes by its
// first output.
//
// Reading order: model.go (what comes out), parse.go (the chain), ops.go and windows.go (the
// operators), affine.go (sums and products), constants.go (what is computed), args.go (attributes),
// tensor.go and source.go (numbers), proto.go and wire.go (the file), encode.go (the way back).
//
// Not read: documentation, metadata, shapes of inner tensors, training
// information, functions.
package onnx
