package experiment

import (
	"fmt"
	"io"
	"strconv"

	"bdfasim/power/table"
)

// CSV writes a row a run and epoch: accuracies in %, losses in nats, empty
// where nothing was measured.
func (r *Results) CSV(w io.Writer) error {
	t := table.New("epochs", append(runHead, "epoch_rate")...)
	for _, set := range []string{"train", "validation", "test"} {
		t.Header = append(t.Header, set+"_loss_nats", set+"_top1_percent",
			fmt.Sprintf("%s_top%d_percent", set, r.Experiment.Metrics.Top))
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		for _, e := range run.Epochs {
			cells := append(runCells(run, e.Epoch), e.Rate)
			for _, s := range []*Score{e.Train, e.Validation, e.Test} {
				if s == nil {
					cells = append(cells, "", "", "")
				} else {
					cells = append(cells, decimal(s.Loss), percent(s.Top1), percent(s.TopK))
				}
			}
			t.Row(cells...)
		}
	}
	return t.CSV(w)
}

// AlignmentCSV writes a row a run, epoch and layer: cosines and the norm ratio.
func (r *Results) AlignmentCSV(w io.Writer) error {
	t := table.New("alignment", runHead...)
	t.Header = append(t.Header, "layer", "error_cos", "error_cos_sd", "grad_cos", "norm_ratio")
	for i := range r.Runs {
		run := &r.Runs[i]
		for _, e := range run.Epochs {
			for _, l := range e.Layers {
				t.Row(append(runCells(run, e.Epoch), l.Layer, decimal(l.ErrorCos), decimal(l.ErrorSD),
					decimal(l.GradCos), decimal(l.NormRatio))...)
			}
		}
	}
	return t.CSV(w)
}

// runHead names the columns of runCells.
var runHead = []string{"data", "network", "samples", "rule", "rate", "seed", "diverged_in", "epoch"}

func runCells(r *Run, epoch int) []any {
	s, diverged := r.Settings, any("")
	if r.Diverged > 0 {
		diverged = r.Diverged
	}
	return []any{s.Data.Set, s.Network.Name, s.Samples.String(), s.Rule.Name, s.Rate, s.Seed,
		diverged, epoch}
}

// decimal is a number, and nothing if it is not finite.
func decimal(n Number) any {
	if !n.finite() {
		return ""
	}
	return float64(n)
}

// percent writes a fraction as a percentage with four digits after the point:
// one image in a million.
func percent(n Number) any {
	if !n.finite() {
		return ""
	}
	return strconv.FormatFloat(100*float64(n), 'f', 4, 64)
}

// JSON writes the summary and all runs.
func (r *Results) JSON(w io.Writer) error {
	return table.JSON(w, struct {
		Name    string `json:"name"`
		About   string `json:"about"`
		BestBy  string `json:"best_by"`
		Report  string `json:"report"`
		Summary []Row  `json:"summary"`
		Runs    []Run  `json:"runs"`
	}{r.Experiment.Name, r.Experiment.About, r.Experiment.BestBy, r.Experiment.Report, r.Summary(), r.Runs})
}
