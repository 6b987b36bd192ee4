package onnx

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// flat ends a graph whose tensor in is a vector of 4 with an fc.
func flat(f *file, in string) []byte {
	return f.floats("last", 4, 2).node("MatMul", words(in, "last"), words("y")).bytes()
}

// conv is a graph of a conv with the given attributes, flatten and an fc.
func conv(attrs ...[]byte) []byte {
	return newFile(0, 2, 6, 6).floats("w", 3, 2, 3, 3).node("Conv", words("x", "w"), words("c"), attrs...).
		node("Flatten", words("c"), words("y")).bytes()
}

func pool(attrs ...[]byte) []byte {
	return newFile(0, 2, 5, 5).node("MaxPool", words("x"), words("c"), attrs...).node("Flatten", words("c"), words("y")).bytes()
}

func gemm(attrs ...[]byte) []byte {
	return newFile(0, 4).floats("w", 4, 2).node("Gemm", words("x", "w"), words("y"), attrs...).bytes()
}

func reshape(dims []int, shape ...int) []byte {
	return newFile(dims...).ints("s", shape...).node("Reshape", words("x", "s"), words("y")).bytes()
}

func squeeze(h, w int, axes ...int) []byte {
	return newFile(0, 4, h, w).ints("s", axes...).node("Squeeze", words("x", "s"), words("y")).bytes()
}

func bn(eps float64, dims ...int) []byte {
	f := newFile(0, 4).floats("s", dims...).floats("v", 4)
	return flat(f.node("BatchNormalization", words("x", "s", "v", "v", "v"), words("b"), attrF("epsilon", eps)), "b")
}

// front is a graph of a conv after an operator with a constant by channel.
func front(op string, attrs ...[]byte) []byte {
	return newFile(0, 2, 6, 6).floats("k", 2, 1, 1).floats("w", 3, 2, 3, 3).node(op, words("x", "k"), words("a")).
		node("Conv", words("a", "w"), words("c"), attrs...).node("Flatten", words("c"), words("y")).bytes()
}

// pads is a graph of a Pad, a conv and flatten.
func pads(list ...int) []byte {
	return newFile(0, 2, 6, 6).ints("s", list...).floats("w", 3, 2, 3, 3).node("Pad", words("x", "s"), words("p")).
		node("Conv", words("p", "w"), words("c")).node("Flatten", words("c"), words("y")).bytes()
}

// weight is a graph whose only weights are the given TensorProto, w of 4 x 2.
func weight(tensor []byte) []byte {
	return newFile(0, 4).initializer(tensor).node("MatMul", words("x", "w"), words("y")).bytes()
}

func packed(num protowire.Number, body ...byte) []byte { return appendBytes(nil, num, body) }

func TestErrorsNameTheNode(t *testing.T) {
	kernel := attrIs("kernel_shape", 2, 2)
	zero := func() *file { return newFile(0, 4) }
	domain := func() []byte {
		f := zero()
		n := appendText(appendText(appendText(appendText(nil, 1, "x"), 2, "y"), 4, "Relu"), 7, "com.acme")
		f.nodes = appendBytes(f.nodes, 1, n)
		return f.bytes()
	}
	for _, c := range []struct {
		data []byte
		want string
	}{
		// attributes of windows
		{conv(attrIs("dilations", 2, 2)), `node 0 "c" (Conv): attribute dilations: got [2 2], want [1 1]`},
		{conv(attrI("group", 2)), `node 0 "c" (Conv): attribute group: got 2, want 1`},
		{conv(attrIs("kernel_shape", 3, 1)), `node 0 "c" (Conv): attribute kernel_shape: got [3 1], want 2 equal numbers from 1`},
		{conv(kernel), `node 0 "c" (Conv): attribute kernel_shape: got [2 2], want [3 3], the edges of the weights`},
		{conv(attrIs("strides", 1, 2)), `attribute strides: got [1 2], want 2 equal numbers from 1`},
		{conv(attrIs("strides", 0, 0)), `attribute strides: got [0 0], want 2 equal numbers from 1`},
		{conv(attrIs("strides", 1)), `attribute strides: got [1], want 2 equal numbers`},
		{conv(attrIs("pads", 0, 1, 1, 1)), `node 0 "c" (Conv): attribute pads: got [0 1 1 1] (above, left, below, right) of 2 x 6 x 6, want as much above as at the left`},
		{conv(attrIs("pads", 0, 0, 0, 2)), `attribute pads: got [0 0 0 2] (above, left, below, right)`},
		{conv(attrIs("pads", 0, 0, 1, -1)), `attribute pads: got [0 0 1 -1], want 4 numbers from 0`},
		{conv(attrIs("pads", 1, 1)), `attribute pads: got [1 1], want 4 numbers from 0`},
		{conv(attrIs("pads", 3, 3, 3, 3)), `node 0 "c" (Conv): pad: got 3, want less than the kernel, 3`},
		{conv(attrS("auto_pad", "SAME")), `attribute auto_pad: got "SAME", want NOTSET, VALID, SAME_UPPER or SAME_LOWER`},
		{conv(attrS("auto_pad", "SAME_UPPER"), attrIs("pads", 1, 1, 1, 1)), `attribute pads: got [1 1 1 1], want [0 0 0 0]`},
		{conv(attrS("auto_pad", "VALID"), attrIs("pads", 1, 1, 1, 1)), `attribute pads: got [1 1 1 1], want [0 0 0 0]`},
		{newFile(0, 2, 3, 4).floats("w", 3, 2, 3, 3).node("Conv", words("x", "w"), words("y"), attrS("auto_pad", "SAME_LOWER"), attrIs("strides", 3, 3)).bytes(),
			`attribute pads: got [0 1 0 1] (above, left, below, right) of 2 x 3 x 4, want as much above`},
		{conv(attrI("magic", 1)), `node 0 "c" (Conv): attribute magic: got it, want only group, auto_pad, dilations`},
		{conv(attrI("group", 1), attrI("group", 1)), `node 0 "c" (Conv): attribute group: got it twice, want it once`},
		{conv(appendInt(attrI("group", 1), 20, attrFloat)), `attribute group: got FLOAT, want INT`},
		{conv(appendInt(attrI("group", 1), 20, 99)), `attribute group: got type 99, want INT`},
		{pool(), `node 0 "c" (MaxPool): attribute kernel_shape: got none, want two equal numbers`},
		{pool(kernel, attrIs("pads", 1, 1, 1, 1)), `attribute pads: got [1 1 1 1], want 0 in a pool`},
		{pool(kernel, attrIs("strides", 2, 2), attrI("ceil_mode", 1)), `attribute ceil_mode: got 1, want 0 where windows of 2, stride 2, do not fit 2 x 5 x 5`},
		{pool(attrIs("kernel_shape", 6, 6)), `node 0 "c" (MaxPool): kernel: got 6, want at most 5, the smaller edge`},
		{pool(kernel, attrIs("dilations", 1, 2)), `attribute dilations: got [1 2], want [1 1]`},
		{zero().node("AveragePool", words("x"), words("y"), kernel).bytes(), `node 0 "y" (AveragePool): got an input of 4, want planes`},
		// attributes of the others
		{gemm(attrF("alpha", math.Inf(1))), `node 0 "y" (Gemm): operator: got weights beyond any number`},
		{gemm(attrI("transA", 1)), `attribute transA: got 1, want 0`},
		{gemm(attrI("transB", 2)), `attribute transB: got 2, want 0 or 1`},
		{gemm(attrI("transB", 1)), `input 1 "w": dims: got [4 2], want [out in] with 4 inputs`},
		{newFile(0, 4, 1, 1).node("Flatten", words("x"), words("y"), attrI("axis", 2)).bytes(), `attribute axis: got 2, want 1`},
		{reshape([]int{0, 1, 2, 2}, 1, 2, 2), `node 0 "y" (Reshape): input 1: got [1 2 2], want [0 -1] or [N 4]`},
		{reshape([]int{0, 1, 2, 2}, 1, -1), `got [1 -1], want [0 -1] or [N 4]`},
		{reshape([]int{8, 1, 2, 2}, 4, -1), `got [4 -1], want [0 -1] or [N 4]`},
		{reshape([]int{8, 1, 2, 2}, 16, 2), `got [16 2], want [0 -1] or [N 4]`},
		{reshape([]int{8, 1, 2, 2}, 16, 4), `got [16 4], want [0 -1] or [N 4]`},
		{reshape([]int{0, 1, 2, 2}, -1, -1), `got [-1 -1], want`},
		{newFile(0, 4).floats("s", 2).node("Reshape", words("x", "s"), words("y")).bytes(), `node 0 "y" (Reshape): input 1: initializer 0 "s": data_type: got FLOAT, want INT64 or INT32`},
		{squeeze(1, 1, 2), `node 0 "y" (Squeeze): axes: got [2] of 4 x 1 x 1, want [2 3]`},
		{squeeze(1, 2, 2, 3), `axes: got [2 3] of 4 x 1 x 2, want [2 3] of planes of 1 x 1`},
		{newFile(0, 4, 1, 1).node("Squeeze", words("x"), words("y")).bytes(), `axes: got [] of 4 x 1 x 1, want [2 3]`},
		{bn(1e-5, 3), `node 0 "b" (BatchNormalization): input 1 "s": dims: got [3], want [4]`},
		{bn(-1, 4), `input 4 "v": element 0: got a variance of 0.125 with epsilon -1, want a sum above 0`},
		{flat(zero().node("Dropout", words("x"), words("d"), attrF("ratio", 1)), "d"), `node 0 "d" (Dropout): rate: got 1, want 0 <= rate < 1`},
		{flat(zero().floats("r", 2).node("Dropout", words("x", "r"), words("d")), "d"), `node 0 "d" (Dropout): input 1 "r": got 2 numbers, want 1, the ratio`},
		{zero().floats("w", 4, 2).node("MatMul", words("x", "w"), words("z")).node("Softmax", words("z"), words("y"), attrI("axis", 0)).bytes(),
			`node 1 "y" (Softmax): attribute axis: got 0 of 2, want that of the classes`},
		{flat(zero().node("Softmax", words("x"), words("s")), "s"), `node 0 "s" (Softmax): output: got a use of "s", want a softmax at the end alone`},
		{zero().node("Constant", nil, words("c")).bytes(), `node 0 "c" (Constant): attributes: got 0, want 1, the value`},
		// what goes into weights, and what does not
		{conv(), `node 1 "y" (Flatten): got it as the last layer`},
		{front("Sub", attrIs("pads", 1, 1, 1, 1)), `node 1 "c" (Conv): attribute pads: got a padding of 1 and 1 after node 0 "a" (Sub), want none: the zeros are added after the shift`},
		{front("Add", attrIs("pads", 0, 0, 1, 1)), `got a padding of 0 and 1 after node 0 "a" (Add), want none`},
		{front("Mul", attrIs("pads", 1, 1, 1, 1)), `node 2 "y" (Flatten): got it as the last layer`},
		{flat(zero().floats("c", 4).node("Sub", words("x", "c"), words("a")).node("Relu", words("a"), words("r")), "r"),
			`node 1 "r" (Relu): operator: got it after node 0 "a" (Sub), want a conv or an fc to take that into its weights`},
		{flat(zero().floats("c", 4).node("Div", words("c", "x"), words("a")), "a"), `node 0 "a" (Div): operator: got a constant divided by "x" or a division by 0, want others`},
		{flat(zero().initializer(tensorBytes("c", typeFloat, nil, packed(9, 0, 0, 0, 0))).node("Div", words("x", "c"), words("a")), "a"), `node 0 "a" (Div): operator: got a constant divided by "x" or a division by 0`},
		{flat(zero().floats("c", 4).floats("d", 4).node("Add", words("c", "d"), words("a")), "a"), `node 0 "a" (Add): input 0: got "c", want "x", the output before`},
		{flat(zero().floats("w", 4, 4).node("MatMul", words("x", "w"), words("a")).node("Transpose", words("w"), words("v")).node("MatMul", words("a", "v"), words("b")), "b"),
			`node 2 "b" (MatMul): input 1 "v": got the weights of node 0 "a" (MatMul), want its own`},
		{pads(0, 1, 0, 0, 0, 0, 0, 0), `node 0 "p" (Pad): pads: got [0 1 0 0 0 0 0 0] of 2 x 6 x 6, want zeros around rows and columns`},
		{pads(0, 0, 1, 1, 0, 0, -1, 0), `attribute pads: got [1 1 -1 0], want 4 numbers from 0`},
		{pads(0, 0, 1, 1, 0, 0, 1, 1), `node 2 "y" (Flatten): got it as the last layer`},
		{newFile(0, 2, 6, 6).node("Pad", words("x"), words("p"), attrIs("pads", 0, 0, 1, 1, 0, 0, 1, 1), attrF("value", 1)).bytes(), `got mode constant with [1] and 1 inputs, want constant, zeros`},
		{newFile(0, 2, 6, 6).node("Pad", words("x"), words("p"), attrS("mode", "reflect")).bytes(), `got mode reflect with [0] and 1 inputs`},
		{newFile(0, 2, 6, 6).node("Pad", words("x"), words("p"), attrIs("pads", 0, 0, 1, 1, 0, 0, 1, 1)).
			node("MaxPool", words("p"), words("y"), kernel).bytes(), `node 1 "y" (MaxPool): operator: got it after a Pad, want a conv`},
		{newFile(0, 2, 6, 6).node("Transpose", words("x"), words("t"), attrIs("perm", 0, 2, 3, 1)).node("MaxPool", words("t"), words("y"), kernel).bytes(),
			`node 1 "y" (MaxPool): operator: got it where the channels are last, want them before rows and columns`},
		{newFile(0, 2, 6, 6).node("Transpose", words("x"), words("y"), attrIs("perm", 0, 1, 3, 2)).bytes(), `attribute perm: got [0 1 3 2], want [0 3 1 2] before the first layer`},
		{flat(zero().ints("s", 1).node("Gather", words("x", "s"), words("g")), "g"), `node 0 "g" (Gather): operator: got Gather of what depends on the samples, want it of constants and shapes alone`},
		{flat(zero().node("Shape", words("q"), words("s")), "x"), `node 0 "s" (Shape): input 0: got "q", want a tensor that is known`},
		{flat(zero().ints("s", 4, 5).ints("at", 2).node("Gather", words("s", "at"), words("g")), "x"), `node 0 "g" (Gather): input 1: got [2], want places in [4 5]`},
		{flat(zero().ints("s", 4, 5).node("Cast", words("s"), words("g"), attrI("to", typeFloat)), "x"), `node 0 "g" (Cast): attribute to: got FLOAT for INT64, want`},
		{flat(zero().ints("s", 4, 5).node("Transpose", words("s"), words("g"), attrIs("perm", 0, 1)), "x"), `attribute perm: got [0 1] of [2], want [1 0] of a matrix`},
		{flat(zero().node("Shape", words("x"), words("s")).node("Unsqueeze", words("s"), words("g")), "x"), `node 1 "g" (Unsqueeze): input 0: got [N 4], want one number`},
		{flat(zero().node("Shape", words("x"), words("s")).node("Slice", words("s", "s"), words("g")), "x"), `node 1 "g" (Slice): got starts [`},
		{flat(zero().ints("z", 0).ints("o", 1).node("Shape", words("x"), words("s")).node("Gather", words("s", "z"), words("n")).node("Mul", words("n", "o"), words("g")), "x"),
			`node 2 "g" (Mul): inputs: got [N] and [1], want sizes with a product of at most`},
		{flat(zero().floats("w", 2, 2).node("Transpose", words("w"), words("g"), attrIs("perm", 0, 1)), "x"), `node 0 "g" (Transpose): attribute perm: got [0 1] of [2 2], want [1 0] of a matrix`},
		{flat(zero().node("Identity", words(""), words("g")), "x"), `node 0 "g" (Identity): inputs: got [""], want 1 that are there`},
		{flat(zero().ints("s", make([]int, 65)...).node("Concat", words("s"), words("g"), attrI("axis", 0)), "x"), `dims: got [65], want a vector of at most 64 integers`},
		// operators and the chain
		{flat(zero().node("Gelu", words("x"), words("g")), "g"), `node 0 "g" (Gelu): operator: got Gelu, want one of Add, AveragePool, BatchNormalization, Cast, Concat, Constant, Conv, `},
		{domain(), `node 0 "y" (Relu): operator: got com.acme.Relu, want one of`},
		{flat(zero().node("Relu", words("x"), words("r")).node("Add", words("x", "r"), words("a")), "a"),
			`node 1 "a" (Add): input: got a second use of "x" (the first is in node 0 "r" (Relu)), want each tensor used once: the graph must be a chain`},
		{flat(zero().node("Relu", words("x"), words("r")).floats("c", 4).node("Add", words("r", "c"), words("a")), "a"),
			`node 1 "a" (Add): operator: got it after node 0 "r" (Relu), want it right after a conv or fc or before the first`},
		{zero().floats("w", 4, 2).floats("c", 3).node("MatMul", words("x", "w"), words("z")).node("Add", words("z", "c"), words("y")).bytes(),
			`node 1 "y" (Add): input 1 "c": dims: got [3], want one number, or [2]`},
		{flat(zero().node("Relu", words("q"), words("r")), "r"), `node 0 "r" (Relu): input 0: got "q", want "x", the output before: the graph must be a chain`},
		{zero().node("MatMul", words("x", "q"), words("y")).bytes(), `node 0 "y" (MatMul): input 1: got "q", want an initializer or constant`},
		{zero().node("MatMul", words("x", ""), words("y")).bytes(), `node 0 "y" (MatMul): input 1: got none, want weights`},
		{zero().node("Relu", words("x"), words("x")).bytes(), `node 0 "x" (Relu): output "x": got a name that is taken, want its own`},
		{zero().node("Relu", words("x"), words("r")).bytes(), `node 0 "r" (Relu): output: got no use of "r", want one`},
		{zero().node("Relu", words("x"), nil).bytes(), `node 0 "" (Relu): output 0: got no name, want one`},
		{zero().node("Relu", words("x", "x"), words("y")).bytes(), `node 0 "y" (Relu): inputs: got 2, want 1 to 1`},
		{flat(zero().node("Dropout", words("x"), words("d", "y")), "d"), `node 0 "d" (Dropout): output "y": got a use of it, want the first output alone`},
		{zero().node("Relu", words("x"), words("y")).node("Relu", words("y"), words("z")).bytes(), `node 1 "z" (Relu): input: got "y", the output of the graph, want nothing behind it`},
		{zero().node("Relu", words("x"), words("y")).bytes(), `node 0 "y" (Relu): got it as the last layer, want an fc`},
		{newFile(0, 4, 5, 5).floats("w", 100, 2).node("Gemm", words("x", "w"), words("y")).bytes(),
			`node 0 "y" (Gemm): got an input of 4 x 5 x 5, want a vector (put flatten before it)`},
		{flat(zero().floats("w", 4, 4).node("MatMul", words("x", "w"), words("a")).node("MatMul", words("a", "w"), words("b")), "b"),
			`node 1 "b" (MatMul): input 1 "w": got the weights of node 0 "a" (MatMul), want its own`},
		{newFile(0, 4).floats("w", 4).node("MatMul", words("x", "w"), words("y")).bytes(), `input 1 "w": dims: got [4], want a matrix`},
		{newFile(0, 4).floats("w", 4, 1).node("MatMul", words("x", "w"), words("y")).bytes(), `graph: classes: got 1, want at least 2`},
		{newFile(0, 2, 6, 6).floats("w", 3, 2, 3, 2).node("Conv", words("x", "w"), words("y")).bytes(), `input 1 "w": dims: got [3 2 3 2], want [out in k k], a square kernel`},
		{newFile(0, 2, 6, 6).floats("w", 3, 1, 3, 3).node("Conv", words("x", "w"), words("y")).bytes(), `input 1 "w": dims: got [3 1 3 3], want 2 input channels`},
		// tensors
		{weight(tensorBytes("w", typeFloat, []int{4, 2}, packed(9, 1, 2, 3))), `node 0 "y" (MatMul): input 1: initializer 0 "w": raw_data: got 3 bytes, want 32 of dims [4 2]`},
		{weight(tensorBytes("w", typeDouble, []int{4, 2}, nil)), `initializer 0 "w": double_data: got 0 elements, want 8 of dims [4 2]`},
		{weight(tensorBytes("w", 16, []int{4, 2}, nil)), `initializer 0 "w": data_type: got BFLOAT16, want FLOAT, DOUBLE or FLOAT16`},
		{weight(tensorBytes("w", 77, []int{4, 2}, nil)), `initializer 0 "w": data_type: got type 77, want`},
		{weight(tensorBytes("w", typeFloat16, []int{4, 2}, packed(5, 1, 2, 3, 4, 5, 6, 7, 0x80, 0xf8, 1))), `initializer 0 "w": element 7: got +Inf, want a finite number`},
		{weight(tensorBytes("w", typeFloat, []int{-4, 2}, nil)), `initializer 0 "w": dims: got [-4 2], want numbers from 0`},
		{weight(tensorBytes("w", typeFloat, []int{1 << 20, 1 << 20}, nil)), `dims: got [1048576 1048576], want numbers from 0 with a product of at most 268435456`},
		{weight(tensorBytes("w", typeFloat, []int{4, 2}, append(appendBytes(nil, 13, appendText(appendText(nil, 1, "location"), 2, "w.bin")), appendInt(nil, 14, 1)...))),
			`node 0 "y" (MatMul): input 1: initializer 0 "w": external data "w.bin": got a file that is not in the folder of the model`},
		{weight(tensorBytes("w", typeFloat, []int{4, 2}, packed(3))), `(initializer 0): segment: got one, want the whole tensor`},
		// the graph
		{nil, `model: got no graph, want one`},
		{appendBytes(nil, 7, nil), `opset_import: got version 0 of the standard operators, want 7 to 25`},
		{func() []byte { f := zero(); f.opset = 6; return f.bytes() }(), `opset_import: got version 6 of the standard operators`},
		{newFile(0, 4, 5, 6, 7).bytes(), `input "x": shape: got [N 4 5 6 7], want [N channels height width], [N height width] or [N features]`},
		{newFile(0, 0).bytes(), `input "x": shape: got [N N], want`},
		{newFile().bytes(), `input "x": shape: got [], want`},
		{func() []byte { f := newFile(0, 4); f.inputs = nil; f.input("x", 2, 0, 4); return f.bytes() }(), `input "x": elem_type: got UINT8, want FLOAT, DOUBLE or FLOAT16`},
		{func() []byte { f := newFile(0, 4); f.input("z", 1, 0, 4); return f.bytes() }(), `inputs: got 2 that are no initializers ["x" "z"], want 1`},
		{func() []byte { f := newFile(0, 4); f.output("z"); return f.bytes() }(), `outputs: got 2, want 1`},
		{zero().bytes(), `output "y": got a graph that ends in "x", want it to end in its output`},
		{zero().floats("w", 4).floats("w", 4).bytes(), `initializer 1 "w": name: got none or one that is taken, want its own`},
		{newFile(0, 1<<20, 1<<20, 1<<20).node("Relu", words("x"), words("y")).bytes(), `graph: input: got 1048576 x 1048576 x 1048576, want positive numbers`},
	} {
		_, err := Parse(c.data, "dir/f.onnx")
		require.ErrorContains(t, err, "dir/f.onnx: ", c.want)
		require.ErrorContains(t, err, c.want)
	}
}

// What is no protobuf, or not that of ONNX, has its byte.
func TestMalformedFilesHaveTheByte(t *testing.T) {
	for _, c := range []struct {
		data []byte
		want string
	}{
		{[]byte("# this is no protobuf"), `f: byte 1 (model): got cannot parse reserved wire type, want field 4, a group`},
		{[]byte{0x08}, `f: byte 1 (model): got the end of the data, want field 1, a varint`},
		{[]byte{0x08, 8, 0x3a, 5, 0x0a}, `f: byte 3 (model): got the end of the data, want field 7, bytes with a length`},
		{[]byte{0x08, 8, 0x38, 1}, `f: byte 2 (graph): got field 7 as a varint, want bytes with a length`},
		{[]byte{0x3a, 3, 0x0a, 1, 0x07}, `f: byte 4 (node 0): got `},
		{[]byte{0x3a, 4, 0x12, 2, 0xff, 0xfe}, `f: byte 4 (graph.name): got bytes that are no text, want UTF-8`},
		{append([]byte{0x3a, 8, 0x12, 6}, "a\nhalt"...), `f: byte 4 (graph.name): got "a\nhalt", want no control characters`},
		{[]byte{0x3a, 0, 0x3a, 0}, `f: byte 2 (model): got a second graph, want one`},
		{[]byte{0x3a, 5, 0x2a, 3, 0x0a, 1, 0x80}, `f: byte 6 (initializer 0 dims): got the end of the data, want packed a varint`},
		{[]byte{0x3a, 6, 0x2a, 4, 0x22, 2, 0, 0}, `f: byte 6 (initializer 0 float_data): got the end of the data, want packed 4 bytes`},
		{[]byte{0x3a, 2, 0x7a, 0}, `f: byte 2 (graph): sparse_initializer: got one, want dense`},
		{[]byte{0x04}, `f: byte 0 (model): got `},
	} {
		_, err := Parse(c.data, "f")
		require.ErrorContains(t, err, c.want)
	}
	for _, name := range []string{"torch-train", "helper", "half"} {
		data := fixture(t, name)
		for i := range data {
			_, err := Parse(data[:i], "f")
			require.Error(t, err, "the first %d bytes", i)
		}
	}
}
