package experiment

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"bdfasim/golden/data"
)

// Number is a float64 that JSON writes as null if it is not finite, such as
// the norm ratio of a layer whose gradient is zero.
type Number float64

// MarshalJSON writes the shortest decimal that reads back as the same number.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.finite() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads null as NaN.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

func (n Number) finite() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

// Score is what a network makes of a set of images.
type Score struct {
	Loss Number `json:"loss"` // mean cross-entropy, nats
	Top1 Number `json:"top1"` // fraction 0..1
	TopK Number `json:"topk"` // fraction with the label among the Metrics.Top largest; null for running scores
}

// Epoch is what is known after an epoch; epoch 0 is before training. Scores of
// images that are not there, or not measured, are nil.
type Epoch struct {
	Epoch      int              `json:"epoch"`
	Rate       float64          `json:"rate"` // learning rate of its steps
	Train      *Score           `json:"train,omitempty"`
	Validation *Score           `json:"validation,omitempty"`
	Test       *Score           `json:"test,omitempty"`
	Layers     []LayerAlignment `json:"alignment,omitempty"`
}

// Run is a finished run.
type Run struct {
	Hash     string   `json:"hash"` // of Settings
	Settings Settings `json:"settings"`
	Diverged int      `json:"diverged,omitempty"` // epoch in which the loss stopped being finite; there is no record of it
	Epochs   []Epoch  `json:"epochs"`
}

// last returns the record of the last epoch.
func (r *Run) last() Epoch { return r.Epochs[len(r.Epochs)-1] }

// evaluationBatch bounds memory and nothing else.
const evaluationBatch = 250

// training is a run under way.
type training struct {
	Settings
	parts
	t    Trainer
	feed data.Feed // of training images, augmented
	x    []float64
	y    []int
}

// train makes one run. progress is called after every epoch from 1 on.
func train(ctx context.Context, s Settings, p parts, build Factory, progress func(epoch int)) (Run, error) {
	t, err := build(s, p.shape())
	if err != nil {
		return Run{}, err
	}
	if s.Search {
		p.test = data.Set{} // chooses nothing
	}
	size := max(s.Batch, evaluationBatch, p.probe.N)
	tr := &training{Settings: s, parts: p, t: t, x: make([]float64, size*p.train.Size()), y: make([]int, size)}
	tr.feed = data.Feed{Set: p.train, Scaling: p.scaling, Augment: data.Augment{Flip: s.Augment.Flip, Pad: s.Augment.Crop}, Seed: s.Seed}
	run := Run{Hash: s.Hash(), Settings: s}
	for epoch := 0; epoch <= s.Epochs; epoch++ {
		record, err := tr.epoch(ctx, epoch)
		if err != nil {
			return Run{}, err
		}
		if record == nil {
			run.Diverged = epoch
			break
		}
		run.Epochs = append(run.Epochs, *record)
		if epoch > 0 {
			progress(epoch)
		}
	}
	if len(run.Epochs) == 0 {
		return Run{}, fmt.Errorf("got a loss that is not finite before training, want a network whose outputs are")
	}
	return run, nil
}

// epoch trains (not in epoch 0) and measures; nil if the run has diverged.
func (t *training) epoch(ctx context.Context, epoch int) (*Epoch, error) {
	r := &Epoch{Epoch: epoch}
	var err error
	if epoch > 0 {
		r.Rate = t.Rate * t.Schedule.factor(epoch)
		if r.Train, err = t.steps(ctx, epoch, r.Rate); err != nil {
			return nil, err
		}
		if !r.Train.Loss.finite() {
			return nil, nil
		}
	}
	if t.Metrics.Train == "full" {
		if r.Train, err = t.evaluate(ctx, t.train); err != nil {
			return nil, err
		}
	}
	if r.Validation, err = t.evaluate(ctx, t.held); err != nil {
		return nil, err
	}
	if r.Test, err = t.evaluate(ctx, t.test); err != nil {
		return nil, err
	}
	for _, s := range []*Score{r.Train, r.Validation, r.Test} {
		if s != nil && !s.Loss.finite() {
			return nil, nil
		}
	}
	if t.Metrics.Alignment {
		x, y, err := t.batch(t.probe, 0, t.probe.N)
		if err != nil {
			return nil, err
		}
		if r.Layers, err = t.t.Alignment(x, y); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// steps trains on all images in the epoch's order and returns the running
// score: of each batch before its update.
func (t *training) steps(ctx context.Context, epoch int, rate float64) (*Score, error) {
	order := data.Order(t.Seed, uint64(epoch), t.train.N)
	loss, correct := 0.0, 0
	for at := 0; at < len(order); at += t.Batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := order[at:min(at+t.Batch, len(order))]
		x, y := t.x[:len(part)*t.train.Size()], t.y[:len(part)]
		if err := t.feed.Batch(uint64(epoch), part, x, y); err != nil {
			return nil, err
		}
		l, c, err := t.t.Step(x, y, rate)
		if err != nil {
			return nil, fmt.Errorf("epoch %d: %w", epoch, err)
		}
		loss += float64(l * float64(len(part)))
		correct += c
		if !Number(loss).finite() {
			break
		}
	}
	n := float64(len(order))
	return &Score{Loss: Number(loss / n), Top1: Number(float64(correct) / n), TopK: Number(math.NaN())}, nil
}

// evaluate scores a set without augmentation, nil if it has no images.
func (t *training) evaluate(ctx context.Context, s data.Set) (*Score, error) {
	if s.N == 0 {
		return nil, nil
	}
	loss, correct, correctK := 0.0, 0, 0
	for at := 0; at < s.N; at += evaluationBatch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, y, err := t.batch(s, at, min(at+evaluationBatch, s.N))
		if err != nil {
			return nil, err
		}
		c, k, l, err := t.t.Evaluate(x, y, t.Metrics.Top)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		loss += float64(l * float64(len(y)))
		correct += c
		correctK += k
	}
	n := float64(s.N)
	return &Score{Loss: Number(loss / n), Top1: Number(float64(correct) / n), TopK: Number(float64(correctK) / n)}, nil
}

// batch makes floats of the images from..to-1 of a set, unaugmented.
func (t *training) batch(s data.Set, from, to int) ([]float64, []int, error) {
	order := make([]int, to-from)
	for i := range order {
		order[i] = from + i
	}
	x, y := t.x[:len(order)*s.Size()], t.y[:len(order)]
	f := data.Feed{Set: s, Scaling: t.scaling}
	return x, y, f.Batch(0, order, x, y)
}
