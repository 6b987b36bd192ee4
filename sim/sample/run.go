package sample

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/sourcegraph/conc/panics"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/xmem"
	"bdfasim/testbench/models"
)

// Training is a compiled training on a machine.
type Training struct {
	Image   *image.Image
	Plan    *compile.Plan
	Machine rtl.Config
	Prices  *power.PriceList
}

// Options say what is sampled.
type Options struct {
	Samples int     // runs of a chip
	Error   float64 // more of them until cycles and energies are known that well; 0: no more
	Seed    uint64  // of which they are, and of the phase of refresh in each

	Progress func(steps int)                  // training steps that are done; of each pass over the training
	Round    func(samples int, error float64) // after each pass, so many samples and the error that is reached
}

// Result is a training with what it takes.
type Result struct {
	Epochs  []firmware.EpochResult // accuracy and saturations, as the chip has them
	Learned []compile.Learned

	// What does not depend on time, of the whole training, exactly.

	Products Products
	Words    float64 // 32 bits each, to and from external memory
	Updates  int     // of weights, biases, scales and shifts

	calendar
	strata     []*stratum
	ofSteps    []int   // products by step
	ofTests    [][]int // by epoch and batch of its test
	perProduct count   // what a product takes in the first step: what is known of others before they are sampled
}

// maxRounds is how often the training is gone through at most to reach an error.
const maxRounds = 6

// Run trains the fixed-point model, which has the chip's bits, and simulates samples of it.
func Run(ctx context.Context, t *Training, o Options) (*Result, error) {
	r := &Result{calendar: calendar{t.Plan.Header, t.Plan.Steps(), t.Plan.Header.TestBatches()}}
	if t.Plan.Header.Batch > firmware.SubBatch { // whose products and parts of a step nobody counts yet
		return nil, fmt.Errorf("got batches of %d samples, want up to %d: simulate it whole", t.Plan.Header.Batch, firmware.SubBatch)
	}
	if r.steps < fewest {
		return nil, fmt.Errorf("got %d steps an epoch, want %d or more: simulate it whole", r.steps, fewest)
	}
	var err error
	if r.strata, err = r.plan(o.Samples, o.Seed); err != nil {
		return nil, err
	}
	r.Updates = updates(t.Plan) * r.steps * r.epochs()
	if r.Words, err = predict.TrainingWords(t.Plan); err != nil {
		return nil, err
	}
	for round := 1; ; round++ {
		p := &pass{Training: t, Result: r, opt: &o, mem: firmware.Memory(t.Image), first: round == 1}
		if err := p.run(ctx); err != nil {
			return nil, err
		}
		r.weigh()
		if r.perProduct == nil {
			if r.perProduct, err = r.preassigned(t.Plan); err != nil {
				return nil, err
			}
		}
		reached := r.Error()
		if o.Round != nil {
			o.Round(r.Samples(), reached)
		}
		if o.Error == 0 || reached <= o.Error {
			return r, nil
		}
		if round == maxRounds || !r.more(o.Error) {
			return r, fmt.Errorf("got an error of %.3g %% with %d samples, want %.3g %%",
				100*reached, r.Samples(), 100*o.Error)
		}
	}
}

// pass goes through the training once and simulates the samples that were not yet.
type pass struct {
	*Training
	*Result
	opt   *Options
	mem   []byte
	first bool

	model   *qmodel.Model
	waiting []*Sample // not yet launched
	correct []int     // predictions by step
	tested  []int     // by batch of the last test

	room  chan struct{}
	wait  sync.WaitGroup
	errs  []error
	stop  context.CancelFunc
	saved firmware.EpochResult // counts of the epochs before
}

func (p *pass) run(ctx context.Context) (err error) {
	if p.model, err = models.Fixed(p.Plan, p.Image, p.Machine.DNNC.AccBits); err != nil {
		return err
	}
	for _, s := range p.strata {
		for _, one := range s.drawn {
			if !one.simulated {
				p.waiting = append(p.waiting, one)
				one.phase = p.refresh(one)
			}
		}
	}
	ctx, p.stop = context.WithCancel(ctx)
	defer p.stop()
	p.room, p.errs = make(chan struct{}, runtime.GOMAXPROCS(0)), make([]error, len(p.waiting))
	err = p.train(ctx)
	p.wait.Wait()
	for _, e := range p.errs { // that of a chip, not what follows from stopping
		if e != nil && !errors.Is(e, context.Canceled) {
			return e
		}
	}
	return err
}

// refresh draws when external memory refreshes in a sample.
func (p *pass) refresh(s *Sample) uint64 {
	rng := rand.New(rand.NewPCG(p.opt.Seed, uint64(s.family)<<32|uint64(s.begin+1)<<8|uint64(s.batch+1)))
	return rng.Uint64N(uint64(xmem.CyclesOf(&p.Machine).TREFI))
}

// train goes through the steps, as far as it is of use.
func (p *pass) train(ctx context.Context) error {
	all := p.epochs() * p.steps
	for step := 0; step < all && (p.first || p.left() > 0); step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, s := range p.waiting {
			if s != nil && s.begin == step && s.batch < 0 {
				s.start = learned(p.model, len(p.Plan.Layers))
			}
		}
		epoch := step / p.steps
		x, y := p.Plan.TrainBatch(p.mem, epoch, step%p.steps)
		p.model.Forward(x)
		if err := p.launch(ctx, step, true); err != nil {
			return err
		}
		p.correct = append(p.correct, p.model.Loss(y))
		p.model.Errors()
		p.model.Gradients()
		p.model.Update(p.EtaAt(epoch, len(y)))
		if p.first {
			p.add()
		}
		if step%p.steps == p.steps-1 {
			p.endEpoch(epoch)
		}
		if err := p.launch(ctx, step+1, false); err != nil {
			return err
		}
		if p.opt.Progress != nil {
			p.opt.Progress(1)
		}
	}
	if p.first {
		p.Result.Learned = learned(p.model, len(p.Plan.Layers))
	}
	return nil
}

// add books the products of a step.
func (p *pass) add() {
	n := stepProducts(p.Plan, p.model.Work())
	p.Products.add(n)
	p.ofSteps = append(p.ofSteps, n.Done)
}

// weigh notes the products of samples and of all that they stand for.
func (r *Result) weigh() {
	for _, s := range r.strata {
		for _, one := range s.drawn {
			one.products = one.sum(func(c count) float64 { return c[products] })
		}
		if s.products > 0 {
			continue
		}
		for k := range s.size {
			s.products += r.productsOf(s.of(k))
		}
	}
}

// productsOf are those of the pieces that a sample counts.
func (r *Result) productsOf(s *Sample) float64 {
	switch {
	case s.batch >= 0:
		return float64(r.ofTests[s.begin/r.steps-1][s.batch])
	case s.family == start || s.family == inside:
		return float64(r.ofSteps[s.begin+1])
	}
	sum, test := r.ofSteps[s.begin+1], r.ofTests[s.begin/r.steps]
	if s.family != finish {
		sum += r.ofSteps[s.begin+2]
	}
	for n, done := range test {
		if n == 0 || n == len(test)-1 {
			sum += done
		}
	}
	return float64(sum)
}

// left is how many samples are still to be launched.
func (p *pass) left() (n int) {
	for _, s := range p.waiting {
		if s != nil {
			n++
		}
	}
	return n
}

// endEpoch tests the model if the chip does, and books the epoch's record.
func (p *pass) endEpoch(epoch int) {
	r := firmware.EpochResult{Epoch: uint32(epoch + 1), TrainN: p.TrainN, Steps: uint32(len(p.correct)), Eta: p.EtaAt(epoch, int(p.Batch))}
	for _, n := range p.correct[epoch*p.steps:] {
		r.TrainCorrect += uint32(n)
	}
	p.tested = p.tested[:0]
	var products []int
	if p.Tests(epoch) {
		for batch := range p.batches {
			x, y := p.Plan.TestBatch(p.mem, batch)
			p.tested = append(p.tested, p.model.Eval(x, y))
			r.TestCorrect += uint32(p.tested[batch])
			if p.first {
				n := testProducts(p.Plan, p.model.TestWork(len(y)))
				p.Products.add(n)
				products = append(products, n.Done)
			}
		}
		r.TestN = p.TestN
	}
	now := models.Counted(p.Plan, &p.model.Stats)
	r.SatFF, r.SatErr = now.SatFF-p.saved.SatFF, now.SatErr-p.saved.SatErr
	r.SatV, r.SatW = now.SatV-p.saved.SatV, now.SatW-p.saved.SatW
	if p.saved = now; p.first {
		p.Epochs, p.ofTests = append(p.Epochs, r), append(p.ofTests, products)
	}
}

// launch gives the samples whose end the model has come to, after so many steps, to the cores. A fused
// schedule makes the last updates in the next forward pass, so that is when samples inside of it end.
func (p *pass) launch(ctx context.Context, done int, forward bool) error {
	for k, s := range p.waiting {
		if s == nil || s.end != done ||
			forward != (p.Plan.Spec().Fused && s.family != tests && s.family != finish) {
			continue
		}
		p.expect(s, done)
		p.waiting[k] = nil
		select {
		case p.room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		p.wait.Go(func() {
			defer func() { <-p.room }()
			if caught := panics.Try(func() { p.errs[k] = p.simulate(ctx, s) }); caught != nil {
				p.errs[k] = caught.AsError()
			}
			if p.errs[k] != nil {
				p.stop()
			}
		})
	}
	return nil
}

// expect notes what the chip is to come to.
func (p *pass) expect(s *Sample, done int) {
	s.want = learned(p.model, len(p.Plan.Layers))
	switch {
	case s.batch >= 0:
		s.start = s.want
		s.test = p.tested[s.batch-1] + p.tested[s.batch]
	case s.family == start || s.family == inside:
		for _, n := range p.correct[max(0, s.begin):done] {
			s.train += n
		}
	default:
		s.train = p.correct[s.begin] + p.correct[s.begin+1]
		if p.Tests(s.begin / p.steps) {
			for _, batch := range p.ends() {
				s.test += p.tested[batch]
			}
		}
	}
}
