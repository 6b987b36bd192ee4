package experiment

import "context"

// progress is how far a trial is.
type progress struct {
	trial
	tried, full []slot // full is known when the learning rate is
}

// slot is the place of a run.
type slot struct {
	Settings
	run         Run
	begun, done bool
}

// add looks what there is of a trial, and that the rest of it can be made.
func (x *execution) add(t trial) error {
	p := &progress{trial: t}
	x.trials = append(x.trials, p)
	cost := x.parts[partKey{t.common.Data.Set, t.common.Samples}].cost
	x.total += len(t.tried) + len(t.rest)
	for _, s := range t.tried {
		x.epochs += s.Epochs
		x.work += s.Epochs * cost(s)
	}
	x.epochs += len(t.rest) * t.common.Epochs
	x.work += len(t.rest) * t.common.Epochs * cost(t.common)
	var err error
	if p.tried, err = x.slots(t.tried); err != nil {
		return err
	}
	if err := x.choose(p); err != nil {
		return err
	}
	if p.open() && !x.Stored {
		return x.build(t.tried[0])
	}
	return nil
}

// slots finds the runs that are already there.
func (x *execution) slots(list []Settings) ([]slot, error) {
	out := make([]slot, len(list))
	for i, s := range list {
		run, ok, err := x.stored(s)
		if err != nil {
			return nil, err
		}
		out[i] = slot{Settings: s, run: run, begun: ok, done: ok}
		if ok {
			x.done++
			x.found++
			x.foundEpochs += s.Epochs
			x.work -= s.Epochs * x.parts[partKey{s.Data.Set, s.Samples}].cost(s)
		}
	}
	return out, nil
}

// choose fixes the learning rate of a trial once all runs that choose it are
// done, and looks for those at that rate.
func (x *execution) choose(p *progress) error {
	if p.full != nil || len(p.rest) == 0 {
		return nil
	}
	var runs []Run
	for i := range p.tried {
		if !p.tried[i].done {
			return nil
		}
		runs = append(runs, p.tried[i].run)
	}
	rate, _ := x.experiment.best(p.common.Rule, runs)
	var err error
	p.full, err = x.slots(p.common.at(rate, p.rest))
	return err
}

// open tells whether there are runs to make or to wait for.
func (p *progress) open() bool {
	if len(p.rest) > 0 && p.full == nil {
		return true
	}
	for _, list := range [][]slot{p.tried, p.full} {
		for i := range list {
			if !list[i].done {
				return true
			}
		}
	}
	return false
}

// next is the first run that nobody has begun, nil if there is none now.
func (p *progress) next() *slot {
	for _, list := range [][]slot{p.tried, p.full} {
		for i := range list {
			if !list[i].begun {
				return &list[i]
			}
		}
	}
	return nil
}

// take gives the caller a run to make, in the order of the file. It waits while
// there is none but runs under way decide of more; nil is the end.
func (x *execution) take(ctx context.Context) *slot {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	for ctx.Err() == nil {
		open := false
		for _, p := range x.trials {
			if s := p.next(); s != nil {
				s.begun = true
				return s
			}
			open = open || len(p.rest) > 0 && p.full == nil
		}
		if !open {
			return nil
		}
		x.ended.Wait()
	}
	return nil
}

// end wakes who waits for what a run decides; failed is the run's error, which
// it returns.
func (x *execution) end(s *slot, failed error) error {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	defer x.ended.Broadcast()
	if failed != nil {
		return failed
	}
	s.done = true
	for _, p := range x.trials {
		if err := x.choose(p); err != nil {
			return err
		}
	}
	return nil
}

// results lists the runs that are done.
func (x *execution) results() *Results {
	r := &Results{Experiment: x.experiment, Notes: x.notes}
	for _, p := range x.trials {
		for _, list := range [][]slot{p.tried, p.full} {
			for i := range list {
				if list[i].done {
					r.Runs = append(r.Runs, list[i].run)
				}
			}
		}
	}
	return r
}
