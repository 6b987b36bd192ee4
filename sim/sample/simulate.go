package sample

import (
	"context"
	"fmt"
)

// runner is a sample on its chip.
type runner struct {
	*Sample
	*chip
	warm bool   // the piece at hand is not counted
	from uint32 // where it began

	begun   int                       // batches of the test
	correct struct{ train, test int } // predictions, as the epoch's record has them
}

// simulate runs a sample on a chip, counts its pieces and compares what it has learned.
func (t *Training) simulate(ctx context.Context, s *Sample) error {
	c, booted, err := t.boot(ctx)
	if err != nil {
		return err
	}
	r := &runner{Sample: s, chip: c, warm: true, from: c.at.step}
	if s.family == start {
		r.warm = false
		r.pieces[Boot] = booted
	} else {
		err = r.enter(ctx)
	}
	if tamper != nil {
		tamper(c)
	}
	for over := false; !over && err == nil; {
		over, err = r.piece(ctx)
	}
	if err == nil {
		err = r.verify(ctx)
	}
	if err != nil {
		return fmt.Errorf("sample of %s, begun %s: %w", familyNames[s.family], s.place(t), err)
	}
	return nil
}

// place is where a sample begins, in words.
func (s *Sample) place(t *Training) string {
	n := t.Plan.Steps()
	if s.batch >= 0 {
		return fmt.Sprintf("before batch %d of the test after epoch %d", s.batch-1, s.begin/n)
	}
	step := max(0, s.begin)
	return fmt.Sprintf("before step %d (epoch %d, batch %d)", step, step/n+1, step%n)
}

// enter brings the chip to where the sample begins.
func (r *runner) enter(ctx context.Context) error {
	if r.batch < 0 {
		r.startStep(r.start, r.begin)
	} else {
		r.startTest(r.start, r.begin/r.Plan.Steps()-1, r.batch-1)
		r.from = r.at.test
	}
	r.start = nil
	r.refreshIn(r.phase)
	_, _, err := r.to(ctx, r.from)
	return err
}

// piece runs to the next point; over: it was the sample's last.
func (r *runner) piece(ctx context.Context) (over bool, err error) {
	at, piece, err := r.to(ctx, r.at.step, r.at.end, r.at.test, r.at.tested)
	if err != nil {
		return false, err
	}
	kind := r.kind(at)
	r.from = at
	if r.warm {
		r.warm = false
	} else {
		over = kind == Full || kind == TestFull || kind == First || at == 0
		r.pieces[kind] = piece
	}
	switch {
	case at == r.at.tested:
		record := r.record()
		r.correct.train, r.correct.test = int(record.TrainCorrect), int(record.TestCorrect)
	case at == r.at.test && r.batch < 0:
		r.skip()
	}
	return over, nil
}

// kind is that of the piece that has ended.
func (r *runner) kind(at uint32) Kind {
	switch {
	case r.from == r.at.end:
		return Before
	case r.from == r.at.tested:
		return After
	case r.from == r.at.test && at == r.at.tested:
		return TestLast
	case r.from == r.at.test && r.batch < 0:
		return TestFirst
	case r.from == r.at.test:
		return TestFull
	case at == r.at.end:
		return Last
	case r.family == inside:
		return Full
	}
	return First
}

// skip leaves out the inside of a test: after its first batch comes the last one, and before it
// another to warm up.
func (r *runner) skip() {
	h := &r.Plan.Header
	if r.begun++; r.begun == 2 && h.TestBatches() > 2 {
		r.write("VARIABLES", h.InTest(r.begin/r.Plan.Steps(), h.TestBatches()-2))
		r.warm = true
	}
}

// tamper is for the test of a chip with a defect, which sets it: called before a sample begins.
var tamper func(*chip)

// verify compares the sample with the model, bit for bit: what was learned, and predictions.
func (r *runner) verify(ctx context.Context) error {
	counted, what := int(r.Chip().Loss.Correct), "training"
	switch r.family {
	case tests:
		what, r.train = "the test", r.test
	case ends, testedEnds, finish:
		counted = r.correct.train
	}
	if r.family != finish && r.family != tests {
		if _, _, err := r.to(ctx, r.at.updated); err != nil {
			return err
		}
	}
	if text := r.differs(r.want); text != "" {
		return fmt.Errorf("after step %d the chip differs from the model: %s", r.end-1, text)
	}
	if r.correct.test != r.test && r.family != tests {
		counted, r.train, what = r.correct.test, r.test, "the test"
	}
	if counted != r.train {
		return fmt.Errorf("correct predictions in %s: the chip has %d, the model %d", what, counted, r.train)
	}
	r.want, r.simulated = nil, true
	return nil
}
