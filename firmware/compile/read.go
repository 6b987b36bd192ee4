package compile

import (
	"encoding/binary"
	"math"
	"slices"

	"bdfasim/firmware"
	"bdfasim/isa/image"
)

// Steps is the number of training steps of an epoch.
func (p *Plan) Steps() int { return p.Header.Steps() }

// Spec returns what the plan was made from, without data.
func (p *Plan) Spec() *Spec { return p.spec }

// Convs is the number of convolutions.
func (p *Plan) Convs() int { return p.spec.convs() }

func ints[T int16 | int32](t *image.Tensor, mem []byte) []T {
	out := make([]T, t.Len())
	for k := range out {
		out[k] = T(t.Int(mem, k))
	}
	return out
}

// set is the inverse of ints.
func set[T int16 | int32](t *image.Tensor, mem []byte, values []T) {
	for k, v := range values {
		t.Set(mem, k, int64(v))
	}
}

func (p *Layout) tensor(i int, name string) *image.Tensor {
	out := places{layer: p.Layers[i].Name, index: i}
	p.parameters(&out, i)
	name = out.layer + "." + name
	return &out.list[slices.IndexFunc(out.list, func(t image.Tensor) bool { return t.Name == name })]
}

// Weights returns W_i as [tap][output][input]; a fully connected layer has one tap. mem is
// external memory from address 0.
func (p *Plan) Weights(mem []byte, i int) []int16 { return ints[int16](p.tensor(i, "W"), mem) }

// Velocities returns V_i in the order of Weights.
func (p *Plan) Velocities(mem []byte, i int) []int32 { return ints[int32](p.tensor(i, "V"), mem) }

// Biases returns b_i.
func (p *Plan) Biases(mem []byte, i int) []int32 { return ints[int32](p.tensor(i, "b"), mem) }

// BiasVelocities returns vb_i.
func (p *Plan) BiasVelocities(mem []byte, i int) []int32 {
	return ints[int32](p.tensor(i, "vb"), mem)
}

// Record is the state of a channel's normalisation (section 8).
type Record struct {
	Gamma, Beta, VG, VB, RM, M int32
	R                          uint32
	Sh                         int32
	RV                         int64
}

// Records returns the channel records of layer i.
func (p *Plan) Records(mem []byte, i int) []Record {
	l := &p.Layers[i]
	out := make([]Record, l.OutC)
	for c := range out {
		if err := firmware.Decode(mem[int(l.Rec)+c*recordBytes:], &out[c]); err != nil {
			panic(err) // external memory is too small: the caller's
		}
	}
	return out
}

// Feedback returns D_i to layer i (DFA): N_L x N_i, N_i as the chip has it.
func (p *Plan) Feedback(mem []byte, i int) []int16 { return ints[int16](p.feedback(i), mem) }

// Signs returns the stored signs to layer i (BDFA): N_i x N_L, N_i as the chip has it.
func (p *Plan) Signs(mem []byte, i int) []int8 {
	l, top := &p.Layers[i], &p.Layers[len(p.Layers)-1]
	return firmware.UnpackSigns(mem[p.Header.Signs+32*l.Entry:], l.ChipOutputs(), top.OutC)
}

// TrainBatch returns the samples of a training step of an epoch, both from 0: images one behind
// the other, and labels.
func (p *Plan) TrainBatch(mem []byte, epoch, step int) (x []uint8, y []int) {
	h := &p.Header
	order := h.TrainOrder + uint32(epoch)*h.OrderStride
	return p.batch(mem, order, h.TrainImages, step*int(h.Batch), int(h.TrainN))
}

// TestBatch returns the samples of a step of a test, as TrainBatch does.
func (p *Plan) TestBatch(mem []byte, step int) (x []uint8, y []int) {
	h := &p.Header
	return p.batch(mem, h.TestOrder, h.TestImages, step*int(h.Batch), int(h.TestN))
}

// batch returns the samples of a batch that begins with entry first of n of an order table.
func (p *Plan) batch(mem []byte, order, images uint32, first, n int) (x []uint8, y []int) {
	h := &p.Header
	for k := first; k < min(n, first+int(h.Batch)); k++ {
		entry := binary.LittleEndian.Uint32(mem[order+4*uint32(k):])
		x = append(x, mem[images+entry&0xffff*h.ImageStride:][:h.Inputs]...)
		y = append(y, int(entry>>16))
	}
	return x, y
}

// Trained returns W_i and b_i as numbers in the order of Spec.W and Spec.B, b nil for a layer
// without bias. mem is external memory from address 0.
func (p *Plan) Trained(mem []byte, i int) (w, b []float64) {
	l := &p.Layers[i]
	place := make([]float64, l.WeightCount())
	for k := range place {
		place[k] = float64(k + 1)
	}
	w = make([]float64, len(place))
	chip := p.numbers(mem, i, "W")
	for at, k := range l.chipWeights(place) { // 0: a padded channel, not in the description
		if k > 0 {
			w[int(k)-1] = chip[at]
		}
	}
	if l.Bias {
		b = p.numbers(mem, i, "b")
	}
	return w, b
}

// TrainedNorm returns the batch normalisation of layer i as numbers.
func (p *Plan) TrainedNorm(mem []byte, i int) Norm {
	return Norm{
		Scale: p.numbers(mem, i, "bn.gamma"), Shift: p.numbers(mem, i, "bn.beta"),
		Mean: p.numbers(mem, i, "bn.mean"), Var: p.numbers(mem, i, "bn.var"),
	}
}

// numbers are the parameters of layer i that a tensor has.
func (p *Plan) numbers(mem []byte, i int, name string) []float64 {
	t := p.tensor(i, name)
	out := make([]float64, t.Len())
	for k := range out {
		out[k] = math.Ldexp(float64(t.Int(mem, k)), -t.Frac)
	}
	return out
}
