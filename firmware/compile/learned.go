package compile

import (
	"fmt"

	"bdfasim/firmware"
)

// Learned is what a layer has learned.
type Learned struct {
	W     []int16
	V     []int32
	B, VB []int32
	Norm  []Record // of a batch normalisation, by channel; what is of the last batch only is of no account
}

// Learned reads layer i out of external memory.
func (p *Plan) Learned(mem []byte, i int) Learned {
	l := Learned{p.Weights(mem, i), p.Velocities(mem, i), p.Biases(mem, i), p.BiasVelocities(mem, i), nil}
	if p.Layers[i].BN {
		l.Norm = p.Records(mem, i)
	}
	return l
}

// SetLearned writes layer i into external memory.
func (p *Plan) SetLearned(mem []byte, i int, l *Learned) {
	set(p.tensor(i, "W"), mem, l.W)
	set(p.tensor(i, "V"), mem, l.V)
	set(p.tensor(i, "b"), mem, l.B)
	set(p.tensor(i, "vb"), mem, l.VB)
	for c := range l.Norm {
		copy(mem[int(p.Layers[i].Rec)+c*recordBytes:], firmware.Encode(&l.Norm[c], recordBytes))
	}
}

// Differs tells the first number of layer i in which a chip differs from a model; "": none.
func (l *Learned) Differs(i int, model *Learned) string {
	for _, text := range []string{
		differs("W", i, l.W, model.W), differs("V", i, l.V, model.V),
		differs("b", i, l.B, model.B), differs("vb", i, l.VB, model.VB),
	} {
		if text != "" {
			return text
		}
	}
	for c, r := range l.Norm {
		want := model.Norm[c]
		want.M, want.R, want.Sh = r.M, r.R, r.Sh
		if r != want {
			return fmt.Sprintf("normalisation of layer %d, channel %d: chip %+v, model %+v", i, c, r, want)
		}
	}
	return ""
}

func differs[T int16 | int32](name string, layer int, chip, model []T) string {
	for k := range chip {
		if chip[k] != model[k] {
			return fmt.Sprintf("%s_%d, element %d: chip %d, model %d", name, layer, k, chip[k], model[k])
		}
	}
	return ""
}
