package compile

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa/asm"
	"bdfasim/isa/machine"
)

// sample makes a specification of a network with random weights and n random training images.
func sample(t *testing.T, n *net.Net, rule string, arm Arm, batch, images int) Spec {
	t.Helper()
	layers, err := Lower(n, DefaultFormats())
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	s := Spec{Net: n, Layers: layers, Rule: rule, Arm: arm, Eta: 1.0 / 64, Mu: 0.9, Epochs: 1, Batch: batch, Seed: 7}
	s.W = make([][]float64, len(layers))
	for i := 1; i < len(layers); i++ {
		d := n.Layers[layers[i].At]
		fan := d.In.Size()
		if d.Type == net.Conv {
			fan = d.In.Channels * d.Kernel * d.Kernel
		}
		s.W[i] = make([]float64, d.Out*fan)
		for k := range s.W[i] {
			s.W[i][k] = rng.NormFloat64() * math.Sqrt(2/float64(fan))
		}
	}
	size := n.Input.Size()
	s.Train = firmware.Set{Images: make([]byte, images*size), Labels: make([]uint16, images)}
	for k := range s.Train.Images {
		s.Train.Images[k] = byte(rng.IntN(256)) & byte(-rng.IntN(2))
	}
	for k := range s.Train.Labels {
		s.Train.Labels[k] = uint16(rng.IntN(n.Classes))
	}
	return s
}

// Presets fit into the default chip at the largest batch, but for two: VGG-16 needs a larger external memory, and the maps
// of the head with 4096 neurons are too large for OMEM.
func TestBuildPresets(t *testing.T) {
	for _, name := range net.Presets() {
		n, err := net.Preset(name)
		require.NoError(t, err)
		s := sample(t, n, BP, "", firmware.SubBatch, firmware.SubBatch)
		_, _, err = Build(s)
		switch name {
		case "vgg-head-4096":
			require.Error(t, err)
			require.Regexp(t, `^compile: omem: layer fc1: its error needs 32768 words, 0 of 32768 are left: 32768 missing$`, err.Error())
		case "vgg16-cifar":
			require.Error(t, err)
			require.Regexp(t, `^compile: external memory, lower half: needs \d+ bytes, there are \d+: [1-9]\d* missing; conv\d+\.\S+ is the first that does not fit, conv\d+\.W the largest with \d+$`, err.Error())
			s.Machine = machine.Reference()
			s.Machine.XMem.Bytes = 256 << 20
			_, _, err = Build(s)
			require.NoError(t, err, name)
		default:
			require.NoError(t, err, name)
		}
	}
}

// The order tables and the images behind the header are those of the specification, for each epoch and for the test set.
func TestImageHoldsTheSamples(t *testing.T) {
	n, err := net.MLP(net.ReLU, 40, 9, 3)
	require.NoError(t, err)
	s := sample(t, n, BP, "", 4, 11)
	s.Orders = [][]int{{10, 3, 3, 0, 7, 1, 2, 9, 8}, {1, 0, 2, 4, 6, 5, 3, 10, 9}} // nine of eleven samples
	s.Epochs, s.EvalEvery, s.Test = 2, 1, firmware.Set{Images: s.Train.Images[80:200], Labels: s.Train.Labels[2:5]}
	img, p, err := Build(s)
	require.NoError(t, err)
	mem, h := firmware.Memory(img), &p.Header
	same := func(order, images uint32, k, index int, set firmware.Set) {
		entry := mem[int(order)+4*k:]
		at := int(images) + int(binary.LittleEndian.Uint16(entry))*int(h.ImageStride)
		require.Equal(t, set.Images[40*index:40*index+40], mem[at:at+40])
		require.Equal(t, set.Labels[index], binary.LittleEndian.Uint16(entry[2:]))
	}
	for e, order := range s.Orders {
		for k, index := range order {
			same(h.TrainOrder+uint32(e)*h.OrderStride, h.TrainImages, k, index, s.Train)
		}
	}
	for k := range s.Test.Labels {
		same(h.TestOrder, h.TestImages, k, k, s.Test)
	}
}

// The assembly of a program is complete: it assembles by itself, to the code of the image.
func TestAssemblyIsComplete(t *testing.T) {
	for _, name := range []string{"mlp-784-128-64-10", "cnn-small"} {
		n, err := net.Preset(name)
		require.NoError(t, err)
		for _, fused := range []bool{false, true} {
			s := sample(t, n, BDFA, "", 4, 8)
			s.Fused = fused
			img, p, err := Build(s)
			require.NoError(t, err)
			own, err := asm.Assemble(fstest.MapFS{"p.s": {Data: []byte(p.Assembly())}}, "p.s", asm.Options{CodeBytes: 1 << 20})
			require.NoError(t, err)
			require.Equal(t, img.Code, own.Code)
		}
	}
}

// Tensors are named once each, and lie where the plan's readers find them.
func TestTensors(t *testing.T) {
	n, err := net.Preset("cnn-small")
	require.NoError(t, err)
	img, p, err := Build(sample(t, n, BP, "", 4, 8))
	require.NoError(t, err)
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		places := map[string]uint32{"W": l.Weights, "V": l.Velocities, "b": l.Biases, "vb": l.BiasVelocities}
		switch {
		case l.Conv:
			places["z"], places["o"], places["d"], places["e"] = l.Z, l.O, l.D, l.E
		case i == len(p.Layers)-1:
			places["a"], places["e"] = l.Out, l.Err
		default:
			places["o"], places["mask"], places["e"] = l.Out, l.Mask, l.Err
		}
		for name, addr := range places {
			x, ok := img.Tensor(l.Name + "." + name)
			require.True(t, ok)
			require.Equal(t, [2]int{int(addr), i}, [2]int{int(x.Addr), x.Layer})
		}
	}
	w, _ := img.Tensor("fc2.W")
	require.Equal(t, []int{10, 64}, w.Shape)
	z, _ := img.Tensor("conv1.z")
	require.Equal(t, []int{4, 28, 28, 8}, z.Shape)
	mem := firmware.Memory(img)
	for j := range 10 { // blocks: row an input, column an output
		at := w.Addr + uint32(2*(5*64+j))
		require.Equal(t, p.Weights(mem, len(p.Layers)-1)[64*j+5], int16(binary.LittleEndian.Uint16(mem[at:])))
	}
}
