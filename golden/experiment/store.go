package experiment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bdfasim/sim/output"
)

// runFile is where a run is kept.
func runFile(dir string, s Settings) string { return filepath.Join(dir, "runs", s.Name()+".json") }

// readRun decodes a run and wants it to be finished and of these settings.
func readRun(raw []byte, want Settings) (Run, error) {
	var r Run
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Run{}, fmt.Errorf("run: %w", err)
	}
	if r.Hash != want.Hash() {
		return Run{}, fmt.Errorf("run: hash: got %q, want %q", r.Hash, want.Hash())
	}
	epochs := want.Epochs + 1
	if r.Diverged > 0 {
		epochs = r.Diverged
	}
	if len(r.Epochs) != epochs {
		return Run{}, fmt.Errorf("run: epochs: got %d, want %d", len(r.Epochs), epochs)
	}
	r.Settings = want // with the fields that a file does not hold
	return r, nil
}

// stored returns the finished run of these settings; ok is false if the folder
// has none that can be used, and then the run is to be made again.
func stored(dir string, s Settings) (r Run, ok bool, err error) {
	raw, err := os.ReadFile(runFile(dir, s))
	if errors.Is(err, fs.ErrNotExist) {
		return Run{}, false, nil
	}
	if err != nil {
		return Run{}, false, fmt.Errorf("experiment: %w", err)
	}
	r, err = readRun(raw, s)
	return r, err == nil, nil
}

// store writes a run so that its file is there either whole or not at all.
func store(dir string, r Run) error {
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("experiment: run %s: %w", r.Settings.Name(), err)
	}
	return replace(runFile(dir, r.Settings), append(raw, '\n'))
}

// replace writes a file, and its folder.
func replace(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	if err := output.Bytes(name, content); err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	return nil
}
