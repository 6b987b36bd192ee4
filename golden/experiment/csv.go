package experiment

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// CSV writes a row a run and epoch: accuracies in %, losses in nats, empty
// where nothing was measured.
func (r *Results) CSV(w io.Writer) error {
	k := r.Experiment.Metrics.Top
	head := append(runHead(), "epoch_rate")
	for _, set := range []string{"train", "validation", "test"} {
		head = append(head, set+"_loss_nats", set+"_top1_percent", fmt.Sprintf("%s_top%d_percent", set, k))
	}
	out := csv.NewWriter(w)
	if err := out.Write(head); err != nil {
		return err
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		for _, e := range run.Epochs {
			cells := append(runCells(run, e.Epoch), decimal(Number(e.Rate)))
			for _, s := range []*Score{e.Train, e.Validation, e.Test} {
				if s == nil {
					cells = append(cells, "", "", "")
				} else {
					cells = append(cells, decimal(s.Loss), percent(s.Top1), percent(s.TopK))
				}
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// AlignmentCSV writes a row a run, epoch and layer: cosines and the norm ratio.
func (r *Results) AlignmentCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(append(runHead(), "layer", "error_cos", "error_cos_sd", "grad_cos", "norm_ratio")); err != nil {
		return err
	}
	for i := range r.Runs {
		run := &r.Runs[i]
		for _, e := range run.Epochs {
			for _, l := range e.Layers {
				cells := append(runCells(run, e.Epoch), l.Layer, decimal(l.ErrorCos), decimal(l.ErrorSD), decimal(l.GradCos), decimal(l.NormRatio))
				if err := out.Write(cells); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// runHead names the columns of runCells.
func runHead() []string {
	return []string{"data", "network", "samples", "rule", "rate", "seed", "diverged_in", "epoch"}
}

func runCells(r *Run, epoch int) []string {
	s, diverged := r.Settings, ""
	if r.Diverged > 0 {
		diverged = strconv.Itoa(r.Diverged)
	}
	return []string{s.Data.Set, s.Network.Name, s.Samples.String(), s.Rule.Name, decimal(Number(s.Rate)),
		strconv.FormatUint(s.Seed, 10), diverged, strconv.Itoa(epoch)}
}

func decimal(n Number) string {
	if !n.finite() {
		return ""
	}
	return strconv.FormatFloat(float64(n), 'g', -1, 64)
}

// percent writes a fraction as a percentage with four digits after the point:
// one image in a million.
func percent(n Number) string {
	if !n.finite() {
		return ""
	}
	return strconv.FormatFloat(100*float64(n), 'f', 4, 64)
}

// JSON writes the summary and all runs.
func (r *Results) JSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(struct {
		Name    string `json:"name"`
		About   string `json:"about"`
		BestBy  string `json:"best_by"`
		Report  string `json:"report"`
		Summary []Row  `json:"summary"`
		Runs    []Run  `json:"runs"`
	}{r.Experiment.Name, r.Experiment.About, r.Experiment.BestBy, r.Experiment.Report, r.Summary(), r.Runs})
}
