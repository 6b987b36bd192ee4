package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sourcegraph/conc/panics"
)

// The work of a training step on the chip and in a model, for the progress bar: about the times that they take.
const (
	chipWork  = 6
	modelWork = 1
)

// runAll runs chips, and models if wanted, of all trials over the cores. Parts do not depend on one another, so
// their order does not matter to the results. Trials that were stopped or came to the limit have outcomes, too.
func runAll(e *env, trials []*trial, limit uint64, models bool, k *keeper) ([]*outcome, error) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	total := 0
	for _, tr := range trials {
		work := chipWork
		if tr.modelOnly {
			work = 0
		}
		if models {
			work += modelWork
		}
		if models && tr.float != nil {
			work += modelWork
		}
		total += work * stepsOf(tr.header)
	}
	bar := newProgress(e, int64(total), "training")
	out := make([]*outcome, len(trials))
	var parts []func() error
	for i, tr := range trials {
		o := &outcome{trial: tr}
		out[i] = o
		if !tr.modelOnly {
			parts = append(parts, func() error { return o.runChip(ctx, limit, k, func(n int) { bar.Add(n * chipWork) }) })
		}
	}
	if models {
		done := func(n int) { bar.Add(n * modelWork) }
		for _, o := range out {
			parts = append(parts, func() error { return o.runFixed(ctx, k, done) })
			if o.trial.float != nil {
				parts = append(parts, func() error { return o.runFloat(ctx, k, done) })
			}
		}
	}
	begin := time.Now()
	err := parallel(parts, cancel)
	bar.Finish()
	if err != nil {
		return nil, err
	}
	var cycles uint64
	for _, o := range out {
		if tr := o.trial; models && o.unfinished == nil && e.ctx.Err() != nil &&
			(o.model == nil || tr.float != nil && len(o.float) < len(tr.orders)) {
			o.unfinished = fmt.Errorf("%s: interrupted before its models came to their end: %w", o.name(), e.ctx.Err())
		}
		cycles += o.chip.Cycles - o.before
		if models && !o.trial.modelOnly {
			o.compare()
		}
	}
	speed(e, cycles, time.Since(begin))
	return out, nil
}

// speed tells on stderr how fast the simulation was.
func speed(e *env, cycles uint64, wall time.Duration) {
	fmt.Fprintf(e.stderr, "%d cycles simulated in %.1f s, %.2f million a second\n", cycles, wall.Seconds(), float64(cycles)/wall.Seconds()/1e6)
}

// parallel runs the parts on as many cores as there are. After an error it calls cancel and returns the first part's
// own error, not those that follow from cancel.
func parallel(parts []func() error, cancel func()) error {
	errs := make([]error, len(parts))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(len(parts), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				if p := panics.Try(func() { errs[i] = parts[i]() }); p != nil {
					errs[i] = p.AsError()
				}
				if errs[i] != nil {
					cancel()
				}
			}
		})
	}
	wait.Wait()
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || errors.Is(first, context.Canceled) && !errors.Is(err, context.Canceled)) {
			first = err
		}
	}
	return first
}
