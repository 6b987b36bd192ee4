package net

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPresetFilesAreThePresetFunctions(t *testing.T) {
	for name, make := range map[string]func() (*Net, error){
		"vgg-head-512":       func() (*Net, error) { return named("vgg-head-512")(MLP(ReLU, 512, 512, 512, 10)) },
		"vgg-head-4096":      func() (*Net, error) { return named("vgg-head-4096")(MLP(ReLU, 512, 4096, 4096, 10)) },
		"mdnet-head":         func() (*Net, error) { return named("mdnet-head")(MLP(ReLU, 4608, 512, 512, 2)) },
		"mlp-784-128-64-10":  func() (*Net, error) { return MLP(ReLU, 784, 128, 64, 10) },
		"mlp-784-512-512-10": func() (*Net, error) { return MLP(ReLU, 784, 512, 512, 10) },
	} {
		want, err := make()
		require.NoError(t, err)
		got, err := Preset(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, name := range Presets() {
		n, err := Preset(name)
		require.NoError(t, err)
		require.Equal(t, name, n.Name)
		again, err := Parse(n.Marshal(), name)
		require.NoError(t, err)
		require.Equal(t, n, again)
	}
	require.Len(t, Presets(), 8)
	_, err := Preset("resnet")
	require.ErrorContains(t, err, `got preset "resnet", want one of cnn-small, lenet`)
}

// named gives a network the name of a preset.
func named(name string) func(*Net, error) (*Net, error) {
	return func(n *Net, err error) (*Net, error) {
		if err == nil {
			n.Name = name
		}
		return n, err
	}
}

// Sizes that anyone can look up.
func TestVGG16Sizes(t *testing.T) {
	n, err := Scaled("vgg16-cifar", 100, 0, nil)
	require.NoError(t, err)
	require.Equal(t, 13, n.Convs())
	weighted := slices.DeleteFunc(slices.Clone(n.Layers), func(l Layer) bool { return !l.Weighted() })
	require.Len(t, weighted, 13+3)
	require.Equal(t, 313_196_544+2*512*512+512*100, n.MACs()) // 313 million: the convolutions at 32 x 32
	narrow, err := Scaled("vgg16-cifar", 10, 0.25, []int{64})
	require.NoError(t, err)
	require.Equal(t, 16, narrow.Layers[0].Out)
	require.Equal(t, Vector(128), narrow.Layers[len(narrow.Layers)-3].In)
	require.Equal(t, 64, narrow.Layers[len(narrow.Layers)-3].Out)
}

func TestShapes(t *testing.T) {
	n, err := Preset("lenet")
	require.NoError(t, err)
	var shapes []string
	for _, l := range n.Layers {
		shapes = append(shapes, l.To.String())
	}
	require.Equal(t, []string{
		"6 x 28 x 28", "6 x 28 x 28", "6 x 14 x 14", "16 x 10 x 10", "16 x 10 x 10", "16 x 5 x 5",
		"400", "120", "120", "84", "84", "10",
	}, shapes)
}

const head = "input: {channels: 2, height: 6, width: 6}\nclasses: 3\nlayers:\n"

func TestErrorsHavePlaces(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "f.yaml:1:1: got an empty file, want fields: name, input, classes, layers",
		"a: [":                     "f.yaml:1: yaml: did not find expected node content",
		"- 1":                      "f.yaml:1:1: got a list, want fields: name, input, classes, layers",
		"classes: 3":               "input: got nothing, want it",
		head + "  - fc: {out: 3}":  "f.yaml:4:5: layers[0].fc: got an input of 2 x 6 x 6, want a vector (put flatten before it)",
		head + "  - gelu":          `f.yaml:4:5: layers[0]: got "gelu", want one of conv, fc,`,
		head + "  - relu: {at: 1}": `f.yaml:4:12: layers[0].relu: got field "at", want none`,
		head + "  - conv: {out: 4, kernel: 3, pad: 1, dilation: 2}":    `f.yaml:4:39: layers[0].conv: got field "dilation", want out, kernel, stride, pad, extra, bias`,
		head + "  - conv: {kernel: 3}":                                 "f.yaml:4:5: layers[0].conv.out: got nothing, want a whole number",
		head + "  - conv: {out: 4, kernel: 7}":                         "f.yaml:4:28: layers[0].conv.kernel: got 7, want at most 6, the smaller edge of 2 x 6 x 6",
		head + "  - conv: {out: 4, kernel: 3, stride: 0}":              "f.yaml:4:39: layers[0].conv.stride: got 0, want 1 to",
		head + "  - conv: {out: 4, kernel: 3, pad: 3}":                 "f.yaml:4:36: layers[0].conv.pad: got 3, want less than the kernel, 3",
		head + "  - conv: {out: many, kernel: 3}":                      `f.yaml:4:17: layers[0].conv.out: got "many", want a whole number`,
		head + "  - conv: {out: 4, kernel: 3, bias: 1}":                `f.yaml:4:37: layers[0].conv.bias: got "1", want true or false`,
		head + "  - conv: {out: 4, kernel: 3, pad: 1, extra: 2}":       "f.yaml:4:46: layers[0].conv.extra: got 2, want -1 to 1",
		head + "  - conv: {out: 4, kernel: 3, pad: 1, extra: -2}":      "f.yaml:4:46: layers[0].conv.extra: got -2, want -1 to 1",
		`name: "a\nhalt\n/* "` + "\n" + head + "  - relu":              `f.yaml:1:7: name: got "a\nhalt\n/* ", want at most 100 bytes of text on one line`,
		"name: " + strings.Repeat("a", 101) + "\n" + head + "  - relu": `f.yaml:1:7: name: got "aaaaa`,
		"name: \"a\u2028b\"\n" + head + "  - relu":                     `f.yaml:1:7: name: got "a\u2028b", want`,
		head + "  - maxpool: {kernel: 2}":                              "f.yaml:4:5: layers[0].maxpool: got it as the last layer, want an fc",
		head + "  - flatten\n  - flatten":                              "f.yaml:5:5: layers[1].flatten: got an input of 72, want planes; it is a vector already",
		head + "  - flatten\n  - avgpool: {kernel: 2}":                 "f.yaml:5:5: layers[1].avgpool: got an input of 72, want planes",
		head + "  - flatten\n  - conv: {out: 4, kernel: 3}":            "f.yaml:5:5: layers[1].conv: got an input of 72, want planes",
		head + "  - maxpool: {kernel: 7}":                              "f.yaml:4:23: layers[0].maxpool.kernel: got 7, want at most 6, the smaller edge of 2 x 6 x 6",
		head + "  - maxpool: {kernel: 0}":                              "f.yaml:4:23: layers[0].maxpool.kernel: got 0, want 1 to",
		head + "  - maxpool: {kernel: two}":                            `f.yaml:4:23: layers[0].maxpool.kernel: got "two", want a whole number`,
		head + "  - maxpool":                                           "f.yaml:4:5: layers[0].maxpool.kernel: got nothing, want a whole number",
		head + "  - maxpool: {kernel: 2, pad: 1}":                      `f.yaml:4:26: layers[0].maxpool: got field "pad", want kernel, stride`,
		"input: {size: 4}\nlayers: []":                                 "f.yaml:1:1: classes: got nothing, want a whole number",
		head + "  - dropout: {rate: 1}":                                "f.yaml:4:21: layers[0].dropout.rate: got 1, want 0 <= rate < 1",
		head + "  - flatten\n  - fc: {out: 3, lr-scale: 256}":          "f.yaml:5:28: layers[1].fc.lr-scale: got 256, want 0.00390625 to 255",
		head + "  - dropout":                                           "f.yaml:4:5: layers[0].dropout.rate: got nothing, want a number",
		head + "  - flatten\n  - fc: {out: 4}":                         "f.yaml:5:15: layers[1].fc.out: got 4, want 3, the classes",
		head + "  - conv: {out: 900000000, kernel: 3}":                 "f.yaml:4:17: layers[0].conv.out: got 900000000, want at most 268435456 elements together",
		head + "  - conv: {out: 20000000, kernel: 3}":                  "f.yaml:4:17: layers[0].conv.out: got 20000000, want at most 268435456 elements together",
		head: "layers: got nothing, want a list",
		"input: {size: 4, width: 3}\nclasses: 2\nlayers: []":                         "f.yaml:1:1: input: got size 4 and 0 x 0 x 3, want size alone or channels, height and width",
		"input: {size: 4, channels: 1, height: 2, width: 2}\nclasses: 2\nlayers: []": "input: got size 4 and 1 x 2 x 2",
		"input: {width: 3}\nclasses: 2\nlayers: []":                                  "f.yaml:1:1: input: got size 0 and 0 x 0 x 3, want size alone",
		"input: {size: 0}\nclasses: 2\nlayers: []":                                   "f.yaml:1:15: input.size: got 0, want 1 or more",
		"input: {size: 4, depth: 3}\nclasses: 2\nlayers: []":                         `f.yaml:1:18: input: got field "depth", want size, channels, height, width`,
		head + "  - conv:":                                                               "f.yaml:4:10: layers[0].conv.out: got nothing, want a whole number",
		head + "  - relu:\n  - gelu:":                                                    `f.yaml:5:5: layers[1]: got "gelu", want one of`,
		"input: {size: 4}\nclasses: 1\nlayers: [relu]":                                   "f.yaml:2:10: classes: got 1, want at least 2",
		"input: {size: 4}\nclasses: 2\nlayers: []":                                       "f.yaml:3:1: layers: got none, want at least an fc",
		"input: {size: 4}\nclasses: 2\nclasses: 2\nlayers: []":                           `f.yaml:3:1: got field "classes" twice, want it once`,
		"name: [1]\ninput: {size: 4}\nclasses: 2\nlayers: []":                            "f.yaml:1:1: name: got a list, want text",
		"input: {size: 4}\nclasses: 2\nlayers: [{fc: 3, relu: {}}]":                      "f.yaml:3:10: layers[0]: got a mapping, want one of conv, fc,",
		"input: {channels: 9999, height: 9999, width: 9999}\nclasses: 2\nlayers: [relu]": "f.yaml:1:1: input: got 9999 x 9999 x 9999, want positive numbers",
	} {
		_, err := Parse([]byte(text), "f.yaml")
		require.ErrorContains(t, err, want, text)
	}
}

func TestFunctionsRefuse(t *testing.T) {
	_, err := MLP(ReLU, 4)
	require.ErrorContains(t, err, "got 1 sizes, want at least 2")
	_, err = MLP("gelu", 4, 5, 2)
	require.ErrorContains(t, err, "layers[1].gelu: got an unknown kind, want one of")
	_, err = MLP(ReLU, 4, 0, 10)
	require.ErrorContains(t, err, "layers[0].fc.out: got 0, want 1 to")
	deep, err := MLP(ReLU, slices.Repeat([]int{128}, 40)...)
	require.NoError(t, err)
	require.Len(t, deep.Name, maxName)
	_, err = Scaled("lenet", 1, 0, nil)
	require.ErrorContains(t, err, "classes: got 1, want at least 2")
}

// Append gives the shapes that Infer gives, and leaves out what does not fit.
func TestAppendInfersOnTheWay(t *testing.T) {
	want, err := Preset("cnn-small")
	require.NoError(t, err)
	n := &Net{Name: want.Name, Input: want.Input, Classes: want.Classes}
	require.Equal(t, n.Input, n.Top())
	for _, l := range want.Layers {
		err := n.Append(Layer{Type: MaxPool, Kernel: 29, Stride: 1})
		require.ErrorContains(t, err, ".maxpool")
		l.In, l.To = Shape{}, Shape{}
		require.NoError(t, n.Append(l))
	}
	require.Equal(t, want, n)
	require.Equal(t, Vector(10), n.Top())
	err = (&Net{}).Append(Layer{Type: ReLU})
	require.ErrorContains(t, err, "input: got 0 x 0 x 0, want positive numbers")
}

// Whatever parses has shapes that chain, and reads back the same.
func FuzzParse(f *testing.F) {
	for _, name := range Presets() {
		data, err := files.ReadFile("presets/" + name + ".yaml")
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(head + "  - conv: {out: 4, kernel: 3, lr-scale: 1}\n  - flatten\n  - fc: {out: 3}"))
	f.Add([]byte(head + "  - conv: {out: 4, kernel: 3, stride: 2, pad: 1, extra: -1}\n  - dropout: {rate: 1e-3}\n  - flatten\n  - fc: {out: 3, bias: false, lr-scale: 0.1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data, "f.yaml")
		if err != nil {
			return
		}
		at := n.Input
		for _, l := range n.Layers {
			require.Equal(t, at, l.In)
			require.Positive(t, l.To.Size())
			at = l.To
		}
		require.Equal(t, Vector(n.Classes), at)
		again, err := Parse(n.Marshal(), "f.yaml")
		require.NoError(t, err, string(n.Marshal()))
		require.Equal(t, n, again)
	})
}
