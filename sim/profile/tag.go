package profile

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim"
)

// Profile is a run by layer and phase.
type Profile struct {
	Cycles uint64
	Tags   []Tag  // in the order of their first marks
	Tail   uint64 // cycles behind the last report; the exclusive times and these add up to Cycles
}

// Find returns the numbers of a layer in a phase, nil if there was no such mark.
func (p *Profile) Find(phase isa.Phase, layer int) *Tag {
	for k := range p.Tags {
		if t := &p.Tags[k]; t.phase() == phase && int(t.Tag.Layer()) == layer {
			return t
		}
	}
	return nil
}

// Tag is one layer in one phase, all its marks together: what package sim counts, and more. Cycles of the DNNC's waiting
// are those in which its oldest command had this tag.
type Tag struct {
	sim.LayerMetrics

	Elapsed   uint64 // cycles from first command to report
	Exclusive uint64 // cycles that the marks add to the run, in program order

	Stalls     uint64 // cycles in which the DNNC waited for operands: the decoders had none
	WaitWeight uint64 // ... for a weight buffer
	WaitBank   uint64 // ... for an accumulator bank
	NonZero    uint64 // elements given to the run-length encoders that are not zero

	Row activity.Row // the chip's event counts under this tag

	rawGroups uint64
}

func (t *Tag) phase() isa.Phase { return isa.Phase(t.Tag.Phase()) }

// Encoded is the number of elements given to the run-length encoders, what fills the last group of a block among them.
func (t *Tag) Encoded() uint64 { return t.Row[activity.RLCEncode] }

// RawWords is the number of 64-bit OMEM words that the encoded elements would fill as they are, four a word.
func (t *Tag) RawWords() uint64 { return t.Encoded() / 4 }

// CodedWords is the number of 64-bit OMEM words that the encoders wrote.
func (t *Tag) CodedWords() uint64 {
	if t.Encoded() == 0 {
		return 0
	}
	return t.Row[activity.OMEMWrite] - 4*t.rawGroups
}

// Density is the part of the encoded elements that are not zero, 0..1.
func (t *Tag) Density() float64 { return ratio(float64(t.NonZero), float64(t.Encoded())) }

// Words are 32-bit words to and from external memory by cause.
type Words struct {
	Weights     uint64 // read by the weight loader: weights, and in gradients of convolutions the errors of pixels
	MapsRead    uint64 // read by the DMA: maps, and biases and tables, which are few
	MapsWritten uint64 // written by drain, DMA and error cores
	Update      uint64 // read and written by the momentum unit
	Norm        uint64 // read and written by the normalisation unit
	Errors      uint64 // matrices read by the EPC
}

// Total is the sum of all causes.
func (w *Words) Total() uint64 {
	return w.Weights + w.MapsRead + w.MapsWritten + w.Update + w.Norm + w.Errors
}

// burstWords is the number of 32-bit words of an external burst.
const burstWords = port.BurstBytes / 4

// ByCause returns the external words of the tag by cause; their total is Words.
func (t *Tag) ByCause() Words {
	n := func(events ...activity.Event) (sum uint64) {
		for _, e := range events {
			sum += burstWords * t.Row[e]
		}
		return sum
	}
	return Words{
		Weights: n(activity.XReadWLD), MapsRead: n(activity.XReadDMA), MapsWritten: n(activity.XWriteDrain, activity.XWriteDMA, activity.XWriteDEPC),
		Update: n(activity.XReadMom, activity.XWriteMom), Norm: n(activity.XReadNorm, activity.XWriteNorm), Errors: n(activity.XReadEPC),
	}
}

// ratio is a/b, or 0 when b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
