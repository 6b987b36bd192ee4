package experiment

import (
	"bytes"
	"io"
	"path/filepath"
)

// Save writes table.txt, epochs.csv, alignment.csv (if it was measured),
// results.json and the curves into dir and returns the names of all files.
func (r *Results) Save(dir string) ([]string, error) {
	type output struct {
		name  string
		write func(io.Writer) error
	}
	outputs := []output{{"table.txt", r.Table}, {"epochs.csv", r.CSV}, {"results.json", r.JSON}}
	if r.Experiment.Metrics.Alignment {
		outputs = append(outputs, output{"alignment.csv", r.AlignmentCSV})
	}
	for _, c := range r.curves() {
		outputs = append(outputs, output{c.name + ".png", c.png})
	}
	var names []string
	for _, o := range outputs {
		var b bytes.Buffer
		if err := o.write(&b); err != nil {
			return names, err
		}
		name := filepath.Join(dir, o.name)
		if err := replace(name, b.Bytes()); err != nil {
			return names, err
		}
		names = append(names, name)
	}
	return names, nil
}
