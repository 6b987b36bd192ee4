package experiment

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"bdfasim/power/table"
)

// Table writes a table a data set, network and number of samples: for each
// rule its learning rate and the accuracies in %, mean and standard deviation
// over the seeds, beside the paper's values if the file gives any.
func (r *Results) Table(w io.Writer) error {
	e, rows := r.Experiment, r.Summary()
	for ; len(rows) > 0; rows = rows[len(e.Rules):] {
		t := e.table(rows[:len(e.Rules)])
		if len(rows) == len(e.Rules) { // the last
			t.Notes = append(r.Notes, e.notes()...)
		}
		if err := t.Text(w, 80); err != nil {
			return fmt.Errorf("experiment %s: %w", e.Name, err)
		}
	}
	return nil
}

// table has the rows of one group.
func (e *Experiment) table(rows []Row) *table.Table {
	g, paper := rows[0], slices.ContainsFunc(rows, func(r Row) bool { return r.Paper != nil })
	title := fmt.Sprintf("%s: %s on %s, %s training images", e.Name, g.Network, g.Data, g.Samples)
	t := table.New(title, "rule", "rate", "train", "validation", "test top-1",
		fmt.Sprint("test top-", e.Metrics.Top), "diverged")
	if paper {
		t.Header = append(t.Header, "paper top-1", "paper top-5")
	}
	for _, row := range rows {
		rate := strconv.FormatFloat(row.Rate, 'g', -1, 64)
		switch {
		case row.Rate == 0:
			rate = "-"
		case row.Edge:
			rate += "*"
		}
		diverged := fmt.Sprintf("%d of %d", row.Diverged, len(row.runs))
		cells := []any{row.Rule, table.Number{Value: row.Rate, Text: rate},
			row.Train.percent(), row.Validation.percent(), row.Test.percent(), row.TestK.percent(),
			table.Number{Value: float64(row.Diverged), Text: diverged}}
		switch {
		case row.Paper != nil:
			cells = append(cells, table.Fixed(row.Paper.Top1, 2), table.Fixed(row.Paper.Top5, 2))
		case paper:
			cells = append(cells, "-", "-")
		}
		t.Row(cells...)
	}
	return t
}

// percent is "81.11 +- 0.32", without deviation for one seed, "-" for none.
func (s Stat) percent() any {
	switch {
	case s.N == 0:
		return "-"
	case s.N == 1:
		return table.Fixed(100*float64(s.Mean), 2)
	}
	return table.Spread{Mean: 100 * float64(s.Mean), Deviation: 100 * float64(s.SD)}
}

// notes say what the numbers are.
func (e *Experiment) notes() []string {
	when := "last epoch"
	if e.Report == "best" {
		when = "epoch with the highest validation accuracy"
	}
	train := "of the steps of the epoch, each before its update"
	if e.Metrics.Train == "full" {
		train = "after the epoch, without augmentation"
	}
	rate := "rate: of each rule's grid, the one with the highest mean validation accuracy"
	if s := e.Search; s != nil {
		rate += fmt.Sprintf(" after %d epochs, over %d seeds", s.Epochs, len(s.Seeds))
	}
	return []string{
		fmt.Sprintf("accuracy in %%, mean +- standard deviation (n-1) over %d seeds, %s; diverged runs "+
			"left out", len(e.Seeds), when),
		"training accuracy: " + train,
		rate + "; test images choose nothing; * at an end of the grid",
	}
}
