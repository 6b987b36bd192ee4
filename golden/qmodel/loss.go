package qmodel

import (
	"fmt"
	"math"
)

// Constants of section 3.
const (
	log2e   = 94548   // round(log2(e) * 2^16)
	pOne    = 1 << 16 // 1.0 in p_c
	rBits   = 40      // R is 2^40 / S
	qShift  = rBits - outBits
	maxExpo = 31 // p_c is 0 beyond this exponent
)

// powers is T: T[f] = round(2^16 * 2^(-f/256)).
var powers = func() (t [256]int64) {
	for f := range t {
		t[f] = int64(math.Round(pOne * math.Exp2(-float64(f)/256)))
	}
	return t
}()

// Loss computes the top error E[L] = p - y of softmax cross-entropy from A and the labels y (nb, each 0..N_L-1), and
// returns how many samples were classified correctly (section 3).
func (m *Model) Loss(y []int) (correct int) {
	if len(y) != m.Batch {
		panic(fmt.Sprintf("qmodel: loss: %d labels for %d samples", len(y), m.Batch))
	}
	classes := m.size(m.top)
	m.E[m.top] = m.errs[m.top][:m.Batch*classes]
	for b, label := range y {
		if label < 0 || label >= classes {
			panic(fmt.Sprintf("qmodel: loss: label %d of sample %d, want 0..%d", label, b, classes-1))
		}
		e := m.E[m.top][b*classes : (b+1)*classes]
		if softmaxError(e, m.A[b*classes:(b+1)*classes], label, softmaxShift(&m.cfg.F, m.top)) == label {
			correct++
		}
		for _, v := range e {
			m.Stats.E[m.top].see(int64(v))
		}
	}
	return correct
}

// softmaxError sets e to the error of one sample with logits a, of Fo[L] = shift - 8 fraction bits, and returns the
// predicted class.
func softmaxError(e, a []int16, label, shift int) (predicted int) {
	predicted = argmax(a)
	largest := a[predicted]
	var sum int64
	for _, v := range a {
		sum += power(largest, v, shift)
	}
	r := int64(1<<rBits) / sum
	for c, v := range a {
		q := (power(largest, v, shift)*r + 1<<(qShift-1)) >> qShift
		e[c] = int16(q)
	}
	e[label] -= 1 << outBits
	return predicted
}

// power returns p_c = 2^16 * exp(v - largest) in the precision of section 3.
func power(largest, v int16, shift int) int64 {
	z := (int64(largest) - int64(v)) * log2e >> uint(shift)
	if z>>8 > maxExpo {
		return 0
	}
	return powers[z&255] >> uint(z>>8)
}
