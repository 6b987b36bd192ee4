package qmodel

import (
	"fmt"
	"slices"
)

// B_i is drawn by groups of neurons and passes of classes (section 4).
const (
	groupNeurons = 16
	passClasses  = 16
)

// checkMatrix reports what is wrong with the matrix of a layer of n neurons.
func (f *Feedback) checkMatrix(n, classes int) error {
	if f.Seed != 0 || f.Signs != nil {
		return fmt.Errorf("seed %#x and %d signs, want neither beside a matrix", f.Seed, len(f.Signs))
	}
	if got, want := len(f.D), n*classes; got != want {
		return fmt.Errorf("matrix of %d elements, want %d for %d neurons and %d classes", got, want, n, classes)
	}
	return nil
}

// check reports what is wrong with the signs of a layer of n neurons that take in the given number of errors.
func (f *Feedback) check(n, classes int) error {
	if classes > maxClasses {
		return fmt.Errorf("%d errors in a sum, want at most %d", classes, maxClasses)
	}
	if f.D != nil {
		return fmt.Errorf("matrix of %d elements, want signs", len(f.D))
	}
	if (f.Seed != 0) == (f.Signs != nil) {
		return fmt.Errorf("seed %#x and %d signs, want exactly one of them", f.Seed, len(f.Signs))
	}
	if f.Seed != 0 {
		return nil
	}
	if got, want := len(f.Signs), n*classes; got != want {
		return fmt.Errorf("%d signs, want %d for %d neurons and %d classes", got, want, n, classes)
	}
	for k, sign := range f.Signs {
		if sign != 1 && sign != -1 {
			return fmt.Errorf("sign %d is %d, want 1 or -1", k, sign)
		}
	}
	return nil
}

// DrawSigns returns B_i, n x classes, as the generator makes it from a non-zero seed. Neurons past
// n take their bits as well.
func DrawSigns(seed uint32, n, classes int) []int8 {
	gen, signs := lfsr(seed), make([]int8, n*classes)
	for group := 0; group < n; group += groupNeurons {
		for pass := 0; pass < classes; pass += passClasses {
			for neuron := group; neuron < group+groupNeurons; neuron++ {
				for class := pass; class < min(pass+passClasses, classes); class++ {
					if bit := gen.next(); neuron < n {
						signs[neuron*classes+class] = int8(bit)*2 - 1
					}
				}
			}
		}
	}
	return signs
}

// FeedbackBits returns B_i as rows of -1 and +1 (N_i x N_L; under BFA N_i x N_{i+1}) for 1 <= i < L, so that another
// model can be given the same feedback; nil where there is none: other rules, layers below K.
func (m *Model) FeedbackBits(i int) [][]int8 {
	if m.feedback[i] == nil {
		return nil
	}
	classes := m.cfg.classes(i)
	rows := make([][]int8, m.size(i))
	for n := range rows {
		rows[n] = append([]int8(nil), m.feedback[i][n*classes:(n+1)*classes]...)
	}
	return rows
}

// setFeedback makes B_i, or D_i as N_i x N_L, of the layers that the rule feeds.
func (m *Model) setFeedback() {
	for i := m.cfg.lowest(); i < m.top; i++ {
		n, classes := m.size(i), m.cfg.classes(i)
		switch m.cfg.Rule {
		case BDFA, BFA:
			m.feedback[i] = slices.Clone(m.cfg.FB[i].Signs)
			if seed := m.cfg.FB[i].Seed; seed != 0 {
				m.feedback[i] = DrawSigns(seed, n, classes)
			}
		case DFA:
			m.matrix[i] = make([]int16, n*classes)
			transpose(m.matrix[i], m.cfg.FB[i].D, classes, n)
		}
	}
}

// transpose writes the rows x cols matrix src into dst as cols x rows.
func transpose(dst, src []int16, rows, cols int) {
	for r := range rows {
		for c, v := range src[r*cols : (r+1)*cols] {
			dst[c*rows+r] = v
		}
	}
}
