package compile

import (
	"encoding/binary"

	"bdfasim/firmware"
)

// Results returns the records of the epochs finished so far, from external memory.
func (p *Plan) Results(mem []byte) []firmware.EpochResult { return p.Header.Read(mem) }

// Steps is the number of training steps of an epoch.
func (p *Plan) Steps() int { return int((p.Header.TrainN + p.Header.Batch - 1) / p.Header.Batch) }

// Spec returns what the plan was made from.
func (p *Plan) Spec() *Spec { return p.spec }

// Convs is the number of convolutions.
func (p *Plan) Convs() int { return p.spec.convs() }

// MapBlock is the number of elements of a block of the fully connected layers' compressed maps.
func (p *Plan) MapBlock() int { return p.spec.block() }

// Weights returns W_i as [tap][output][input]; a fully connected layer has one tap. mem is external memory from address 0.
func (p *Plan) Weights(mem []byte, i int) []int16 {
	l := &p.Layers[i]
	out := make([]int16, 0, l.OutC*l.InC*l.taps())
	l.each(func(at int) { out = append(out, int16(binary.LittleEndian.Uint16(mem[int(l.Weights)+2*at:]))) })
	return out
}

// Velocities returns V_i in the order of Weights.
func (p *Plan) Velocities(mem []byte, i int) []int32 {
	l := &p.Layers[i]
	out := make([]int32, 0, l.OutC*l.InC*l.taps())
	l.each(func(at int) { out = append(out, firmware.Int24(mem[int(l.Velocities)+3*at:])) })
	return out
}

// each visits the weights of a layer in the order [tap][output][input].
func (l *Layer) each(visit func(at int)) {
	for t := range l.taps() {
		for j := range l.OutC {
			for c := range l.InC {
				visit(l.at(t, j, c))
			}
		}
	}
}

// Biases returns b_i.
func (p *Plan) Biases(mem []byte, i int) []int32 {
	l := &p.Layers[i]
	out := make([]int32, l.OutC)
	for j := range out {
		out[j] = int32(binary.LittleEndian.Uint32(mem[int(l.Biases)+4*j:]))
	}
	return out
}

// BiasVelocities returns vb_i.
func (p *Plan) BiasVelocities(mem []byte, i int) []int32 {
	l := &p.Layers[i]
	out := make([]int32, l.OutC)
	for j := range out {
		out[j] = firmware.Int24(mem[int(l.BiasVelocities)+3*j:])
	}
	return out
}

// Map returns nb images of a map of h x w pixels with c channels at addr: [image][y][x][channel].
func Map(mem []byte, addr uint32, nb, h, w, c int) []int16 {
	cp := pad16(c)
	out := make([]int16, 0, nb*h*w*c)
	for px := range nb * h * w {
		row := mem[int(addr)+2*px*cp:]
		for ch := range c {
			out = append(out, int16(binary.LittleEndian.Uint16(row[2*ch:])))
		}
	}
	return out
}

// Positions returns the positions of the maxima of nb images of h x w pixels with c channels.
func Positions(mem []byte, addr uint32, nb, h, w, c int) []uint8 {
	blocks := (c + 63) / 64
	out := make([]uint8, 0, nb*h*w*c)
	for px := range nb * h * w {
		row := mem[int(addr)+32*px*blocks:]
		for ch := range c {
			out = append(out, row[ch/2]>>(4*(ch%2))&15)
		}
	}
	return out
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
		if _, err := binary.Decode(mem[int(l.Rec)+c*recordBytes:], binary.LittleEndian, &out[c]); err != nil {
			panic(err) // external memory is too small: the caller's
		}
	}
	return out
}

// Feedback returns D_i to layer i as it lies in external memory (DFA): N_L x N_i, N_i as the chip has it.
func (p *Plan) Feedback(i int) []int16 {
	l, classes := &p.Layers[i].Layer, p.Layers[len(p.Layers)-1].OutC
	return quantize(l.chipFeedback(p.spec.D[i], classes), l.Fb)
}
