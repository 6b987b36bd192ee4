package experiment

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Stat is a mean over seeds with its standard deviation (n-1).
type Stat struct {
	Mean Number `json:"mean"`
	SD   Number `json:"sd"` // null for a single seed
	N    int    `json:"n"`
}

func statOf(v []float64) Stat {
	if len(v) == 0 {
		return Stat{Mean: Number(math.NaN()), SD: Number(math.NaN())}
	}
	mean, sd := stat.MeanStdDev(v, nil)
	if len(v) == 1 {
		sd = math.NaN()
	}
	return Stat{Mean: Number(mean), SD: Number(sd), N: len(v)}
}

// Row is one rule on one data set, network and number of samples, at the
// learning rate that validation chose. Accuracies are fractions 0..1, taken
// at the epoch that Experiment.Report names; diverged runs are not in them.
type Row struct {
	Data       string  `json:"data"`
	Network    string  `json:"network"`
	Samples    Count   `json:"samples"` // 0: all that are not held out
	Rule       string  `json:"rule"`
	Rate       float64 `json:"rate"`  // 0: not chosen yet
	Tried      int     `json:"tried"` // learning rates in the grid
	Edge       bool    `json:"edge"`  // Rate is the smallest or largest of several: a better one may lie outside
	Diverged   int     `json:"diverged"`
	Train      Stat    `json:"train_top1"`
	Validation Stat    `json:"validation_top1"`
	Test       Stat    `json:"test_top1"`
	TestK      Stat    `json:"test_topk"`
	Paper      *Paper  `json:"paper,omitempty"` // %

	runs []*Run // of the chosen rate, one a seed
}

// Summary chooses the learning rate of every rule and returns the rows in the
// order of the experiment's data sets, networks, samples and rules.
func (r *Results) Summary() []Row {
	var rows []Row
	e, rest := r.Experiment, r.Runs
	for _, t := range e.plan(nil) {
		size := 0 // the runs of a trial lie together
		for size < len(rest) && rest[size].Settings.sameTrial(t.common) {
			size++
		}
		rule := t.common.Rule
		row := e.row(t, rest[:size])
		rest = rest[size:]
		row.Data, row.Network = t.common.Data.Set, t.common.Network.Name
		row.Samples, row.Rule = t.common.Samples, rule.Name
		if p, ok := rule.Paper[row.Data]; ok {
			row.Paper = &p
		}
		rows = append(rows, row)
	}
	return rows
}

// row sums up a trial; it has no rate if runs that choose it are not there.
func (e *Experiment) row(t trial, runs []Run) Row {
	rule := t.common.Rule
	row := Row{Tried: len(rule.Rates)}
	var best []Run
	if len(runs) >= len(t.tried) {
		row.Rate, best = e.best(rule, runs[:len(t.tried)])
		row.Edge = row.Tried > 1 &&
			(row.Rate == slices.Min(rule.Rates) || row.Rate == slices.Max(rule.Rates))
	}
	if len(t.rest) > 0 && best != nil {
		best = runs[len(t.tried):]
	}
	row.fill(e, best)
	return row
}

// best is the learning rate with the highest mean validation accuracy, the
// smallest of equal ones, from all of a rule's runs that choose it, seeds
// fastest; and the runs at that rate.
func (e *Experiment) best(rule Rule, runs []Run) (rate float64, best []Run) {
	size := len(runs) / len(rule.Rates)
	rate, high := math.Inf(1), -1.0
	for i, v := range rule.Rates {
		group := runs[i*size : (i+1)*size]
		sum := 0.0
		for k := range group {
			sum += e.validation(&group[k])
		}
		if mean := sum / float64(len(group)); mean > high || mean == high && v < rate {
			best, rate, high = group, v, mean
		}
	}
	return rate, best
}

// validation is what a run counts in the choice: 0 if it diverged or if there
// are no validation images.
func (e *Experiment) validation(r *Run) float64 {
	if s := e.reported(r).Validation; r.Diverged == 0 && s != nil {
		return float64(s.Top1)
	}
	return 0
}

// reported is the epoch that counts: the last, or the first of those with the
// highest validation accuracy.
func (e *Experiment) reported(r *Run) Epoch {
	if e.Report == "last" || len(r.Epochs) == 1 {
		return r.last()
	}
	best := r.Epochs[1]
	for _, epoch := range r.Epochs[2:] {
		if epoch.Validation.Top1 > best.Validation.Top1 {
			best = epoch
		}
	}
	return best
}

// fill takes the statistics over the seeds of the chosen rate.
func (row *Row) fill(e *Experiment, runs []Run) {
	var train, validation, test, testK []float64
	take := func(list *[]float64, s *Score, v func(*Score) Number) {
		if s != nil && v(s).finite() {
			*list = append(*list, float64(v(s)))
		}
	}
	top1 := func(s *Score) Number { return s.Top1 }
	for i := range runs {
		r := &runs[i]
		row.runs = append(row.runs, r)
		if r.Diverged > 0 {
			row.Diverged++
			continue
		}
		epoch := e.reported(r)
		take(&train, epoch.Train, top1)
		take(&validation, epoch.Validation, top1)
		take(&test, epoch.Test, top1)
		take(&testK, epoch.Test, func(s *Score) Number { return s.TopK })
	}
	row.Train, row.Validation, row.Test, row.TestK = statOf(train), statOf(validation), statOf(test), statOf(testK)
}
