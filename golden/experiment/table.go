package experiment

import (
	"fmt"
	"io"
	"strconv"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// Table writes a table a data set, network and number of samples: for each
// rule its learning rate and the accuracies in %, mean and standard deviation
// over the seeds, beside the paper's values if the file gives any.
func (r *Results) Table(w io.Writer) error {
	e, rows := r.Experiment, r.Summary()
	for len(rows) > 0 {
		group := rows[:len(e.Rules)]
		rows = rows[len(e.Rules):]
		g := group[0]
		if _, err := fmt.Fprintf(w, "%s: %s on %s, %s training images\n", e.Name, g.Network, g.Data, g.Samples); err != nil {
			return err
		}
		if err := e.table(w, group); err != nil {
			return err
		}
	}
	return e.notes(w)
}

// table writes the rows of one group.
func (e *Experiment) table(w io.Writer, rows []Row) error {
	paper := false
	for _, row := range rows {
		paper = paper || row.Paper != nil
	}
	topK := "test top-" + strconv.Itoa(e.Metrics.Top)
	head := []string{"rule", "rate", "train", "validation", "test top-1", topK, "diverged"}
	if paper {
		head = append(head, "paper top-1", "paper top-5")
	}
	align := make([]tw.Align, len(head))
	for i := range align {
		align[i] = tw.AlignRight
	}
	align[0] = tw.AlignLeft
	out := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.Border{Left: tw.Off, Right: tw.Off, Top: tw.Off, Bottom: tw.Off},
			Symbols: tw.NewSymbols(tw.StyleASCII),
		}),
	)
	out.Header(head)
	for _, row := range rows {
		if err := out.Append(e.cells(row, paper)); err != nil {
			return fmt.Errorf("experiment %s: table: %w", e.Name, err)
		}
	}
	if err := out.Render(); err != nil {
		return fmt.Errorf("experiment %s: table: %w", e.Name, err)
	}
	return nil
}

func (e *Experiment) cells(row Row, paper bool) []string {
	rate := strconv.FormatFloat(row.Rate, 'g', -1, 64)
	if row.Edge {
		rate += "*"
	}
	cells := []string{row.Rule, rate, row.Train.percent(), row.Validation.percent(), row.Test.percent(), row.TestK.percent(),
		fmt.Sprintf("%d of %d", row.Diverged, len(row.runs))}
	if !paper {
		return cells
	}
	if row.Paper == nil {
		return append(cells, "-", "-")
	}
	return append(cells, strconv.FormatFloat(row.Paper.Top1, 'f', 2, 64), strconv.FormatFloat(row.Paper.Top5, 'f', 2, 64))
}

// percent is "81.11 +- 0.32", without deviation for one seed, "-" for none.
func (s Stat) percent() string {
	switch {
	case s.N == 0:
		return "-"
	case s.N == 1:
		return fmt.Sprintf("%.2f", 100*float64(s.Mean))
	}
	return fmt.Sprintf("%.2f +- %.2f", 100*float64(s.Mean), 100*float64(s.SD))
}

func (e *Experiment) notes(w io.Writer) error {
	when := "last epoch"
	if e.Report == "best" {
		when = "epoch with the highest validation accuracy"
	}
	train := "of the steps of the epoch, each before its update"
	if e.Metrics.Train == "full" {
		train = "after the epoch, without augmentation"
	}
	_, err := fmt.Fprintf(w, `accuracy in %%, mean +- standard deviation (n-1) over %d seeds, %s; diverged runs left out
training accuracy: %s
rate: of each rule's grid, the one with the highest mean validation accuracy; test images choose nothing; * at an end of the grid
`, len(e.Seeds), when, train)
	return err
}
