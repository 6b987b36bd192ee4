package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/isa"
)

// reportEvery is the time between two lines of progress.
var reportEvery = time.Minute

// progress shows how far a work is, on standard error: on a terminal a bar with the time left,
// elsewhere a line a minute. What cannot be shown is no reason to stop, so nobody looks at errors.
type progress struct {
	*progressbar.ProgressBar
	out  io.Writer // of lines
	unit string

	began time.Time
	mutex sync.Mutex
	next  time.Time
}

// newProgress begins a work of so many units, 0: nobody knows.
func newProgress(e *env, work int64, unit string, more ...progressbar.Option) *progress {
	p := &progress{out: e.stderr, unit: unit, began: time.Now()}
	p.next = p.began.Add(reportEvery)
	bar := io.Discard // which counts
	if terminal(e.stderr) {
		bar, p.out = e.stderr, io.Discard
	}
	if work == 0 {
		work = -1
	}
	p.ProgressBar = progressbar.NewOptions64(work, append([]progressbar.Option{
		progressbar.OptionSetWriter(bar), progressbar.OptionSetDescription(unit),
		progressbar.OptionSetPredictTime(true), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(200 * time.Millisecond),
	}, more...)...)
	return p
}

// Add counts more of the work. It may be called from several goroutines.
func (p *progress) Add(n int) {
	p.ProgressBar.Add(n)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if now := time.Now(); !now.Before(p.next) {
		p.next = now.Add(reportEvery)
		fmt.Fprintln(p.out, p.line())
	}
}

// at counts up to a cycle; a prediction that was too low is raised.
func (p *progress) at(cycle uint64) {
	s := p.State()
	if s.Max >= 0 && int64(cycle) >= s.Max {
		p.ChangeMax64(int64(cycle + cycle/10))
	}
	p.Add(int(int64(cycle) - int64(s.CurrentBytes)))
}

// line is the state in words.
func (p *progress) line() string {
	s := p.State()
	done := s.CurrentBytes // not lost where nobody knows the end
	since := time.Since(p.began)
	text := fmt.Sprintf("%s: %.0f, %.3g a second", p.unit, done, done/since.Seconds())
	if s.Max > 0 {
		left := time.Duration(float64(since) * (1/s.CurrentPercent - 1)).Round(time.Second)
		text += fmt.Sprintf(", %.0f %% of about %d, %v left", 100*s.CurrentPercent, s.Max, left)
	}
	return text
}

// predicted is about how many cycles a training program takes if no operand is zero.
func predicted(p *compile.Plan) (cycles float64) {
	rows, err := predict.Step(p, predict.Density{})
	if err != nil {
		return 0 // it is only for the bar
	}
	h := &p.Header
	tests := 0.0
	for epoch := range int(h.Epochs) {
		if h.Tests(epoch) {
			tests += float64(h.TestN) / float64(h.Batch)
		}
	}
	for _, r := range rows {
		cycles += float64(float64(stepsOf(h)) * r.Cycles)
		if r.Phase == isa.PhaseFF {
			cycles += float64(tests * r.Cycles)
		}
	}
	return cycles
}
