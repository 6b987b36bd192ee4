package qmodel

import "fmt"

// Bits of B_i come in entries of 16 neurons x up to 16 classes (section 4).
const (
	groupNeurons = 16
	passClasses  = 16
)

// entries returns how many entries n neurons with the given classes take.
func entries(n, classes int) int {
	return ceilDiv(n, groupNeurons) * ceilDiv(classes, passClasses)
}

// passWidth returns C, the number of classes in the pass of an entry; the entry belongs to group entry / passes and pass
// entry % passes.
func passWidth(entry, classes int) (pass, width int) {
	pass = entry % ceilDiv(classes, passClasses)
	return pass, min(passClasses, classes-passClasses*pass)
}

// checkMatrix reports what is wrong with the matrix of a layer of n neurons.
func (f *Feedback) checkMatrix(n, classes int) error {
	if f.Seed != 0 || f.Bits != nil {
		return fmt.Errorf("seed %#x and %d stored entries, want neither beside a matrix", f.Seed, len(f.Bits))
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
	if (f.Seed != 0) == (f.Bits != nil) {
		return fmt.Errorf("seed %#x and %d stored entries, want exactly one of them", f.Seed, len(f.Bits))
	}
	if f.Seed != 0 {
		return nil
	}
	if got, want := len(f.Bits), entries(n, classes); got != want {
		return fmt.Errorf("%d stored entries, want %d for %d neurons and %d classes", got, want, n, classes)
	}
	for i, e := range f.Bits {
		_, width := passWidth(i, classes)
		for bit := groupNeurons * width; bit < 256; bit++ {
			if e[bit/64]>>(bit%64)&1 != 0 {
				return fmt.Errorf("stored entry %d: bit %d is 1, want 0 from bit %d on", i, bit, groupNeurons*width)
			}
		}
	}
	return nil
}

// drawBits returns the entries that the generator makes from a non-zero seed. Neurons past n take their bits as well.
func drawBits(seed uint32, n, classes int) [][4]uint64 {
	gen := lfsr(seed)
	bits := make([][4]uint64, entries(n, classes))
	for i := range bits {
		_, width := passWidth(i, classes)
		for bit := range groupNeurons * width {
			bits[i][bit/64] |= uint64(gen.next()) << (bit % 64)
		}
	}
	return bits
}

// walkBits visits the bits of existing neurons: entry, bit within it, neuron, class.
func walkBits(n, classes int, visit func(entry, bit, neuron, class int)) {
	passes := ceilDiv(classes, passClasses)
	for i := range entries(n, classes) {
		pass, width := passWidth(i, classes)
		first := i / passes * groupNeurons
		for t := range min(groupNeurons, n-first) {
			for c := range width {
				visit(i, t*width+c, first+t, pass*passClasses+c)
			}
		}
	}
}

// signsOf returns the entries as a flat n x classes matrix of -1 and +1.
func signsOf(bits [][4]uint64, n, classes int) []int8 {
	signs := make([]int8, n*classes)
	walkBits(n, classes, func(entry, bit, neuron, class int) {
		signs[neuron*classes+class] = int8(bits[entry][bit/64]>>(bit%64)&1)*2 - 1
	})
	return signs
}

// PackSigns returns the stored entries for a matrix of -1 and +1 (n x classes), in the order of section 4: entry
// group*passes + pass, in it bit t*C + c for neuron 16*group + t and class 16*pass + c, where C is the number of classes
// of the pass; 1 stands for +1. Bits without an element are 0. It panics when signs is smaller than n x classes.
func PackSigns(signs [][]int8, n, classes int) [][4]uint64 {
	bits := make([][4]uint64, entries(n, classes))
	walkBits(n, classes, func(entry, bit, neuron, class int) {
		if signs[neuron][class] > 0 {
			bits[entry][bit/64] |= 1 << (bit % 64)
		}
	})
	return bits
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
			bits := m.cfg.FB[i].Bits
			if bits == nil {
				bits = drawBits(m.cfg.FB[i].Seed, n, classes)
			}
			m.feedback[i] = signsOf(bits, n, classes)
		case DFA:
			m.matrix[i] = make([]int16, n*classes)
			transpose(m.matrix[i], m.cfg.FB[i].D, classes, n)
		}
	}
}
