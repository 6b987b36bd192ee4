package predict

import (
	"bdfasim/firmware/compile"
)

// few is how many full batches are gone through of many: the first, the last and one between them,
// in fused schedules as well.
const few = 3

// TrainingWords is the number of 32-bit words to and from external memory of a whole training, with
// its tests. It is exact: no batch moves other words than one like it.
func TrainingWords(p *compile.Plan) (float64, error) {
	h := &p.Header
	w := words{plan: p}
	train := func(n uint32) float64 { return w.run(1, n, 0) }
	total := w.many(h.TrainN, train)
	if h.Epochs > 1 {
		another := func(n uint32) float64 { return w.run(2, n, 0) - w.run(1, n, 0) }
		total += float64(float64(h.Epochs-1) * w.many(h.TrainN, another))
	}
	if tests := h.TestsBefore(int(h.Epochs)); tests > 0 {
		test := func(n uint32) float64 { return w.run(1, 1, n) - w.run(1, 1, 0) }
		total += float64(float64(tests) * w.many(h.TestN, test))
	}
	return total, w.err
}

// words are those of short trainings of a plan.
type words struct {
	plan *compile.Plan
	err  error
}

// run counts the words of a training; with test samples it tests after each epoch.
func (w *words) run(epochs, train, test uint32) (sum float64) {
	h := w.plan.Header
	h.Epochs, h.TrainN, h.TestN, h.EvalEvery = epochs, train, test, min(test, 1)
	rows, err := runAs(w.plan, Density{}, h)
	if err != nil {
		w.err = err
	}
	for _, r := range rows {
		sum += r.Words.Total()
	}
	return sum
}

// many is what count counts of n samples, from fewer full batches.
func (w *words) many(n uint32, count func(n uint32) float64) float64 {
	batch := w.plan.Header.Batch
	full := n / batch
	if full <= few {
		return count(n)
	}
	less := n - (full-few)*batch
	short := count(less)
	return short + float64(float64(full-few)*(count(less+batch)-short))
}
