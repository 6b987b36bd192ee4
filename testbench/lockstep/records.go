package lockstep

import (
	"fmt"
	"reflect"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/testbench/models"
)

// testBatch compares the classes of the test samples that the chip has just brought through all layers.
func (l *Lockstep) testBatch() error {
	h, top := &l.Plan.Header, &l.Plan.Layers[len(l.Plan.Layers)-1]
	if l.tested == int(h.TestN) {
		l.tested = 0
	}
	batch, from := l.tested/int(h.Batch), l.tested%int(h.Batch)
	nb := min(int(h.Batch)-from, int(h.TestN)-l.tested, firmware.SubBatch)
	logits, err := l.read(len(l.Plan.Layers)-1, "a", 0, nb)
	if err != nil {
		return err
	}
	images, _ := l.Plan.TestBatch(l.Chip.XMemory(), batch)
	for b := range nb {
		a := logits[b*top.OutC : (b+1)*top.OutC]
		best := slices.Index(a, slices.Max(a))
		x := images[(from+b)*int(h.Inputs):][:h.Inputs]
		if want := l.class(x, best); want != best {
			return l.differs(isa.PhaseEval, len(l.Plan.Layers)-1, "class", l.tested+b, int64(best), int64(want))
		}
	}
	l.tested += nb
	l.Compared++
	return nil
}

// class returns the class that the fixed-point model puts an image into; guess is asked first, since the model only tells
// whether a class is right.
func (l *Lockstep) class(x []uint8, guess int) int {
	if l.Model.Eval(x, []int{guess}) == 1 {
		return guess
	}
	c := 0
	for l.Model.Eval(x, []int{c}) != 1 {
		c++
	}
	return c
}

// epochResult compares the record of an epoch, from 0, with the model, which stands behind the epoch's last step.
func (l *Lockstep) epochResult(epoch int) error {
	h := &l.Plan.Header
	records := h.Read(l.Chip.XMemory())
	if len(records) != epoch+1 {
		return l.differs(isa.PhaseMisc, 0, "records", epoch, int64(len(records)), int64(epoch+1))
	}
	want := records[epoch] // of the rest, checkRecords knows the sums over all epochs
	want.Epoch, want.TrainN, want.Steps = uint32(epoch+1), h.TrainN, uint32(l.Steps)
	want.Eta, want.TestN, want.TestCorrect = h.EtaAt(epoch, int(h.Batch)), 0, 0
	if h.Tests(epoch) {
		want.TestN = h.TestN
		for step := range (h.TestN + h.Batch - 1) / h.Batch {
			x, y := l.Plan.TestBatch(l.Chip.XMemory(), int(step))
			want.TestCorrect += uint32(l.Model.Eval(x, y))
		}
	}
	return l.record(epoch, records[epoch], want)
}

func (l *Lockstep) record(epoch int, got, want firmware.EpochResult) error {
	if field, g, w := difference(got, want); field != "" {
		return l.differs(isa.PhaseMisc, 0, "record."+field, epoch, g, w)
	}
	return nil
}

// Counted sums up the records of all epochs: correct predictions in training, saturations, largest values.
func (l *Lockstep) Counted() (sum firmware.EpochResult) {
	for _, r := range l.Plan.Header.Read(l.Chip.XMemory()) {
		sum.TrainCorrect += r.TrainCorrect
		sum.SatFF += r.SatFF
		sum.SatErr += r.SatErr
		sum.SatV += r.SatV
		sum.SatW += r.SatW
		sum.MaxFF = max(sum.MaxFF, r.MaxFF)
		sum.MaxErr = max(sum.MaxErr, r.MaxErr)
		sum.MaxTop = max(sum.MaxTop, r.MaxTop)
		sum.MaxV = max(sum.MaxV, r.MaxV)
		sum.MaxW = max(sum.MaxW, r.MaxW)
	}
	return sum
}

// Expected is what the fixed-point model counted in training, as docs/firmware.md defines the fields of Counted.
func (l *Lockstep) Expected() firmware.EpochResult {
	want := models.Counted(l.Plan, &l.Model.Stats)
	want.TrainCorrect = uint32(l.Correct)
	return want
}

func (l *Lockstep) channelRecords(i int) error {
	m, got := l.Model, l.Plan.Records(l.Chip.XMemory(), i)
	for c, g := range got {
		w := compile.Record{
			Gamma: m.Gamma[i][c], Beta: m.Beta[i][c], VG: m.VGamma[i][c], VB: m.VBeta[i][c],
			RM: m.RM[i][c], M: m.M[i][c], R: m.R[i][c], Sh: m.Sh[i][c], RV: m.RV[i][c],
		}
		if field, x, y := difference(g, w); field != "" {
			return l.differs(isa.PhaseEP, i, fmt.Sprintf("bn%d.%s", i, field), c, x, y)
		}
	}
	l.Compared++
	return nil
}

// difference returns the first field in which two structs of integers differ, with both values; "" if there is none.
func difference[T comparable](got, want T) (field string, g, w int64) {
	if got == want {
		return "", 0, 0
	}
	number := func(v reflect.Value) int64 {
		if v.CanUint() {
			return int64(v.Uint())
		}
		return v.Int()
	}
	a, b := reflect.ValueOf(got), reflect.ValueOf(want)
	i := 0
	for number(a.Field(i)) == number(b.Field(i)) {
		i++
	}
	return a.Type().Field(i).Name, number(a.Field(i)), number(b.Field(i))
}
