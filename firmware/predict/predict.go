// Package predict tells how long a training step takes and what it moves, without the chip.
// README.md has the picture, what is in which file, and where its numbers come from.
package predict

import (
	"fmt"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
)

// Density is the part of the operands that is not zero, 0..1, by layer. A nil slice, and a layer
// behind its end, is dense: 1.
type Density struct {
	Maps   []float64 // o_i, index 0 the images
	Errors []float64 // e_i as the MAC array reads it
}

func at(s []float64, i int) float64 {
	if i < len(s) {
		return s[i]
	}
	return 1
}

// Row is what a layer is expected to need in a phase of a training step with a full batch. Cycles
// add up to the step: they are what the phase adds to the run in program order. Elapsed goes from
// its first command to the end of its last; phases overlap. Both as package sim/profile measures
// them.
type Row struct {
	Phase   isa.Phase
	Layer   int
	Cycles  float64
	Elapsed float64

	MACs  float64 // a lane each, with the given densities
	Dense float64 // MACs if no operand were skipped; taps outside a map do not count
	Array float64 // cycles in which the MAC array works
	Bus   float64 // bursts of 32 bytes, each a cycle of external memory at the best

	Words Words
}

// Words are 32-bit words to and from external memory by cause.
type Words struct {
	Weights     float64 // by the weight loader: weights, in gradients of convolutions errors
	MapsRead    float64 // read by the DMA: maps, biases, tables of the program
	MapsWritten float64 // written by drain, DMA and error cores
	Update      float64 // read and written by the momentum unit
	Norm        float64 // read and written by the normalisation unit
	Errors      float64 // matrices read by the EPC
}

// Total is the sum of all causes.
func (w *Words) Total() float64 {
	return w.Weights + w.MapsRead + w.MapsWritten + w.Update + w.Norm + w.Errors
}

// Step predicts a training step of a compiled program with a full batch, a row for each phase and
// layer in the order of their first marks. Words are exact, MACs too when nothing is zero. Of a
// fused schedule the third of three steps is told: the first has no updates to make, and the last
// one's stand alone.
func Step(p *compile.Plan, d Density) ([]Row, error) {
	steps := uint32(1)
	fused := p.Spec().Fused && p.Header.TrainN > p.Header.Batch
	if fused {
		steps = 3
	}
	rows, err := run(p, d, steps)
	if err != nil || !fused {
		return rows, err
	}
	less, err := run(p, d, steps-1)
	if err != nil {
		return nil, err
	}
	for k := range rows {
		rows[k].minus(&less[k])
	}
	return rows, nil
}

// run predicts so many steps from the begin of the program.
func run(p *compile.Plan, d Density, steps uint32) ([]Row, error) {
	h := p.Header
	h.Epochs, h.EvalEvery, h.TrainN = 1, 0, steps*min(h.TrainN, h.Batch)
	return runAs(p, d, h)
}

// runAs predicts the program with another header.
func runAs(p *compile.Plan, d Density, h firmware.Header) ([]Row, error) {
	img, err := p.Program()
	if err != nil {
		return nil, err
	}
	img.Segments[0].Data = firmware.Encode(&h, firmware.HeaderBytes)
	m := newModel(p, d, img)
	if err := m.run(); err != nil {
		return nil, fmt.Errorf("predict: %s: %w", p.Spec().Net.Name, err)
	}
	return m.result(), nil
}

// moves counts bursts, and their words to a cause.
func (r *Row) moves(words *float64, bursts float64) {
	*words += float64(8 * bursts)
	r.Bus += float64(bursts)
}

// minus takes the numbers of another run of the same program away.
func (r *Row) minus(o *Row) {
	a, b := r.numbers(), o.numbers()
	for k := range a {
		*a[k] -= *b[k]
	}
}

func (r *Row) numbers() []*float64 {
	w := &r.Words
	return []*float64{
		&r.Cycles, &r.Elapsed, &r.MACs, &r.Dense, &r.Array, &r.Bus,
		&w.Weights, &w.MapsRead, &w.MapsWritten, &w.Update, &w.Norm, &w.Errors,
	}
}
