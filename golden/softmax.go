package golden

import "math"

// Stats is what one batch says about the network before its update.
type Stats struct {
	Loss    float64 // mean cross-entropy over the batch, in nats
	Correct int     // samples whose largest logit is the label's
}

// softmaxCrossEntropy writes e_L = softmax(a_L) - y (E1) a sample a row, not
// yet divided by the batch. The largest logit is taken out first, so that no
// exponential overflows. Labels must be in range.
func softmaxCrossEntropy(logits Mat, y []int, e Mat) Stats {
	var s Stats
	for r := range logits.Rows {
		a, p := logits.Row(r), e.Row(r)
		best := argmax(a)
		sum := 0.0
		for j, v := range a {
			p[j] = math.Exp(v - a[best])
			sum += p[j]
		}
		for j := range p {
			p[j] /= sum
		}
		s.Loss += math.Log(sum) - (a[y[r]] - a[best])
		p[y[r]]--
		if Ahead(a, y[r]) == 0 {
			s.Correct++
		}
	}
	s.Loss /= float64(logits.Rows)
	return s
}

// argmax returns the index of the largest element, the first of equal ones.
func argmax(v []float64) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}

// Ahead counts the classes that come before one: those with a larger logit, or
// with an equal one and a lower index. What is not a number comes before any, so
// that a diverged network is never right.
func Ahead(logits []float64, class int) (n int) {
	a := logits[class]
	for j, v := range logits {
		if j < class && !(v < a) || j > class && !(v <= a) {
			n++
		}
	}
	return n
}
