package gemm

import (
	"sync"

	"github.com/sourcegraph/conc/panics"
)

// Pool spreads work over a fixed number of workers. After NewPool it does not
// allocate. It is not for concurrent use, and work must not start work.
type Pool struct {
	starts []func() // one a worker but the last, which is the caller's goroutine
	group  sync.WaitGroup
	caught panics.Catcher // of the other goroutines, for the caller's

	n, grain int
	body     func(lo, hi, worker int)
}

// NewPool makes a pool of workers, at least one.
func NewPool(workers int) *Pool {
	p := &Pool{}
	for w := range max(workers, 1) - 1 {
		part := func() { p.part(w) }
		p.starts = append(p.starts, func() {
			defer p.group.Done()
			p.caught.Try(part)
		})
	}
	return p
}

// Workers is the number of workers.
func (p *Pool) Workers() int { return len(p.starts) + 1 }

// Range calls body for parts of 0..n-1 that together cover it once; worker
// (0..Workers-1) tells the parts apart. Borders lie at multiples of grain, and
// work below two grains stays on the caller's goroutine. body must do the same
// whatever the parts are. A stored func avoids an allocation a call.
func (p *Pool) Range(n, grain int, body func(lo, hi, worker int)) {
	if len(p.starts) == 0 || n < 2*grain {
		if n > 0 {
			body(0, n, 0)
		}
		return
	}
	p.n, p.grain, p.body = n, grain, body
	p.group.Add(len(p.starts))
	for _, start := range p.starts {
		go start()
	}
	p.part(len(p.starts))
	p.group.Wait()
	p.caught.Repanic()
}

// part runs worker w's share: an equal number of grains each.
func (p *Pool) part(w int) {
	grains := (p.n + p.grain - 1) / p.grain
	lo := grains * w / p.Workers() * p.grain
	hi := min(grains*(w+1)/p.Workers()*p.grain, p.n)
	if lo < hi {
		p.body(lo, hi, w)
	}
}
