package track

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"

	"bdfasim/sim/track/feature"
	"bdfasim/sim/track/sequence"
)

// Result is what a tracker says of a sequence.
type Result struct {
	Boxes  []sequence.Box // one a picture; the first is the truth
	Scores []float64      // mean of the best candidates' logits; 0 for the first picture
	Steps  int            // of learning, in all
}

// Start is the work of the first picture that does not depend on how the head learns: samples,
// their features and the regression. One may serve many runs, which do not change it.
type Start struct {
	settings  Settings
	seed      uint64
	sequence  *sequence.Sequence
	gain      float64
	positives []byte
	negatives []byte // of the first round
	nearby    []byte // that later rounds begin with
	boxes     *regression
}

// streams of random numbers, one for each purpose.
const (
	streamFirst = 1 + iota
	streamPictures
	streamBatches
)

// NewStart prepares a sequence.
func NewStart(q *sequence.Sequence, s Settings, x *feature.Extractor, seed uint64) (*Start, error) {
	img, err := q.Picture(0)
	if err != nil {
		return nil, err
	}
	rng, truth := rand.New(rand.NewPCG(seed, streamFirst)), q.Truth[0]
	t := &Start{settings: s, seed: seed, sequence: q}
	good := positives(q, rng, truth, s.First)
	if t.gain, err = x.Gain(img, good[:min(len(good), 100)]); err != nil {
		return nil, err
	}
	near := s.Later
	near.Below = s.First.Below
	bad := negatives(q, rng, truth, s.First, true)
	later := negatives(q, rng, truth, near, false)
	if len(good) == 0 || len(bad) == 0 || len(later) == 0 {
		return nil, fmt.Errorf("sequence %s: first picture: got %d positive and %d negative samples around "+
			"%s, want some of each",
			q.Name, len(good), min(len(bad), len(later)), truth.Line())
	}
	wide := around(q, regressMove, regressGrow)
	wide.uniform, wide.shape = true, regressShape
	boxes := wide.draw(rng, truth, s.Boxes, regressOverlap, 1)
	var features []byte
	for _, part := range []struct {
		boxes []sequence.Box
		into  *[]byte
	}{{good, &t.positives}, {bad, &t.negatives}, {later, &t.nearby}, {boxes, &features}} {
		if *part.into, err = x.Bytes(img, part.boxes, t.gain); err != nil {
			return nil, err
		}
	}
	t.boxes, err = fit(features, boxes, truth, s.Ridge)
	return t, err
}

// tracker is a run.
type tracker struct {
	*Start
	x       *feature.Extractor
	learner Learner
	batches *rand.Rand
	good    kept
	bad     kept
	steps   int
}

// Run follows the target with a head that learns, batch samples a step. step is called after each
// picture.
func (t *Start) Run(ctx context.Context, x *feature.Extractor, l Learner, batch int,
	step func()) (*Result, error) {
	r := &tracker{Start: t, x: x, learner: l, batches: rand.New(rand.NewPCG(t.seed, streamBatches))}
	if err := l.Reset(t.seed); err != nil {
		return nil, err
	}
	s := &t.settings
	r.good.most, r.bad.most = s.Long, s.Short
	r.good.add(t.positives)
	r.bad.add(t.negatives)
	if err := r.learn(ctx, s.First, batch, r.good.most); err != nil {
		return nil, err
	}
	r.bad.pictures = [][]byte{t.nearby}
	step()
	return r.follow(ctx, batch, step)
}

// follow goes through the pictures after the first.
func (r *tracker) follow(ctx context.Context, batch int, step func()) (*Result, error) {
	s, q := &r.settings, r.sequence
	rng := rand.New(rand.NewPCG(r.seed, streamPictures))
	at := q.Truth[0]
	out := &Result{Boxes: []sequence.Box{at}, Scores: []float64{0}}
	search := around(q, s.Move, s.Grow)
	for i := 1; i < q.Len(); i++ {
		img, err := q.Picture(i)
		if err != nil {
			return nil, err
		}
		best, score, err := r.best(img, search.draw(rng, at, s.Candidates, 0, 1))
		if err != nil {
			return nil, err
		}
		at = mean(best)
		shown, sure := at, score > 0
		search.move = min(search.move*s.MoveFactor, s.MoveLimit)
		if sure {
			search.move = s.Move
			if shown, err = r.regress(img, best); err == nil {
				err = r.collect(img, at, rng)
			}
			if err != nil {
				return nil, err
			}
		}
		out.Boxes, out.Scores = append(out.Boxes, shown), append(out.Scores, score)
		switch {
		case !sure:
			err = r.learn(ctx, s.Later, batch, s.Short)
		case i%s.Every == 0:
			err = r.learn(ctx, s.Later, batch, s.Long)
		}
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return nil, err
		}
		step()
	}
	out.Steps = r.steps
	return out, nil
}

// best returns the candidates with the highest scores, and the mean of these.
func (r *tracker) best(img *image.RGBA, boxes []sequence.Box) ([]sequence.Box, float64, error) {
	features, err := r.x.Bytes(img, boxes, r.gain)
	if err != nil {
		return nil, 0, err
	}
	scores, err := r.learner.Scores(split(features))
	if err != nil {
		return nil, 0, err
	}
	var best []sequence.Box
	sum := 0.0
	for _, i := range highest(scores, r.settings.Best) {
		best, sum = append(best, boxes[i]), sum+scores[i]
	}
	return best, sum / float64(len(best)), nil
}

// highest are the indices of the n highest scores, the first ones of equal scores.
func highest(scores []float64, n int) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order[:min(n, len(order))]
}

// mean is the box of mean edges and corner.
func mean(boxes []sequence.Box) (m sequence.Box) {
	n := float64(len(boxes))
	for _, b := range boxes {
		m.X, m.Y, m.W, m.H = m.X+b.X/n, m.Y+b.Y/n, m.W+b.W/n, m.H+b.H/n
	}
	return rounded(m)
}

// regress is the mean of what regression makes of boxes.
func (r *tracker) regress(img *image.RGBA, boxes []sequence.Box) (sequence.Box, error) {
	if r.boxes == nil {
		return mean(boxes), nil
	}
	features, err := r.x.Bytes(img, boxes, r.gain)
	if err != nil {
		return sequence.Box{}, err
	}
	better := make([]sequence.Box, len(boxes))
	for i, f := range split(features) {
		better[i] = r.boxes.apply(f, boxes[i], r.sequence)
	}
	return mean(better), nil
}

// collect keeps samples around the target.
func (r *tracker) collect(img *image.RGBA, at sequence.Box, rng *rand.Rand) error {
	s := r.settings.Later
	for _, part := range []struct {
		boxes []sequence.Box
		into  *kept
	}{
		{positives(r.sequence, rng, at, s), &r.good},
		{negatives(r.sequence, rng, at, s, false), &r.bad},
	} {
		features, err := r.x.Bytes(img, part.boxes, r.gain)
		if err != nil {
			return err
		}
		part.into.add(features)
	}
	return nil
}

// learn is a round on the positives of the last pictures and all negatives.
func (r *tracker) learn(ctx context.Context, round Round, batch, pictures int) error {
	good := &deck{samples: r.good.last(pictures), rng: r.batches}
	bad := &deck{samples: r.bad.last(len(r.bad.pictures)), rng: r.batches}
	if len(good.samples) == 0 || len(bad.samples) == 0 || !r.learner.Learns() {
		return nil
	}
	positive := batch / 4
	classes := make([]int, batch)
	for i := range positive {
		classes[i] = 1
	}
	for range round.Steps {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		samples := good.next(positive)
		candidates := bad.next(r.settings.Mined)
		scores, err := r.learner.Scores(candidates)
		if err != nil {
			return err
		}
		for _, i := range highest(scores, batch-positive) {
			samples = append(samples, candidates[i])
		}
		if err := r.learner.Step(samples, classes, round.Rate); err != nil {
			return err
		}
		r.steps++
	}
	return nil
}

// split cuts features into samples.
func split(features []byte) [][]byte { return slices.Collect(slices.Chunk(features, feature.Size)) }
