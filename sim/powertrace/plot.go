package powertrace

import (
	"bdfasim/power"
	"bdfasim/rtl/activity"
)

// MaxPoints is the most points that a curve has.
const MaxPoints = 2000

// Plot collects a run's power for a picture (Render). Its size does not depend on the length of the run: when it has
// MaxPoints points, two become one, their average.
type Plot struct {
	points  []point
	windows int // a point stands for
}

// point is the average of some consecutive windows.
type point struct {
	from, to uint64
	windows  int
	work     [activity.NumUnits]float64 // power (mW) times cycles
	phase    [power.NumPhases]uint64    // cycles of windows that ended in each
}

// NewPlot returns a plot without points.
func NewPlot() *Plot { return &Plot{points: make([]point, 0, MaxPoints), windows: 1} }

// Add is a Sink.
func (p *Plot) Add(r *Record) error {
	n := len(p.points)
	if n == MaxPoints && p.points[n-1].windows == p.windows {
		p.halve()
		n = len(p.points)
	}
	if n == 0 || p.points[n-1].windows == p.windows {
		p.points = append(p.points, point{from: r.From})
		n++
	}
	to, cycles := &p.points[n-1], r.To-r.From
	to.to, to.windows = r.To, to.windows+1
	to.phase[r.Tag.Phase()] += cycles
	for u, aj := range r.Unit {
		to.work[u] += float64(r.MW(aj) * float64(cycles))
	}
	return nil
}

// halve joins neighbours.
func (p *Plot) halve() {
	half := p.points[:MaxPoints/2]
	for i := range half {
		a, b := p.points[2*i], &p.points[2*i+1]
		a.to, a.windows = b.to, a.windows+b.windows
		for u := range a.work {
			a.work[u] += b.work[u]
		}
		for k := range a.phase {
			a.phase[k] += b.phase[k]
		}
		half[i] = a
	}
	p.points, p.windows = half, 2*p.windows
}

// mw is the average power of a unit.
func (p *point) mw(u activity.Unit) float64 { return p.work[u] / float64(p.to-p.from) }

// mainPhase is the phase that has most of the cycles.
func (p *point) mainPhase() (most int) {
	for k, n := range p.phase {
		if n > p.phase[most] {
			most = k
		}
	}
	return most
}
