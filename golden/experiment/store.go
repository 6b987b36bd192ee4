package experiment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

// stored is a run in its file. Checksum is of the run, without its white space.
type stored struct {
	Checksum string          `json:"checksum"`
	Program  string          `json:"program"` // Options.Program
	Run      json.RawMessage `json:"run"`
}

func checksum(run []byte) (string, error) {
	var b bytes.Buffer
	err := json.Compact(&b, run)
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:]), err
}

// decode reads a JSON text of known fields alone.
func decode(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}

// readRun decodes a run and wants it to be finished and of these settings.
func readRun(raw []byte, want Settings) (r Run, program string, err error) {
	var file stored
	if err := decode(raw, &file); err != nil {
		return Run{}, "", err
	}
	if sum, err := checksum(file.Run); err != nil || file.Checksum != sum {
		return Run{}, "", fmt.Errorf("run: checksum: got %q, want %q", file.Checksum, sum)
	}
	if err := decode(file.Run, &r); err != nil {
		return Run{}, "", err
	}
	if r.Hash != want.Hash() {
		return Run{}, "", errOther
	}
	epochs := want.Epochs + 1
	if r.Diverged > 0 {
		epochs = r.Diverged
	}
	if len(r.Epochs) != epochs {
		return Run{}, "", fmt.Errorf("run: epochs: got %d, want %d", len(r.Epochs), epochs)
	}
	r.Settings = want // with the fields that a file does not hold
	return r, file.Program, nil
}

// errOther is a whole run of other settings, which is made again without a word.
var errOther = errors.New("run: hash: got other settings")

// stored returns the finished run of these settings; ok is false if the folder has none that can be
// used, and then the run is to be made again.
func (x *execution) stored(s Settings) (r Run, ok bool, err error) {
	raw, err := os.ReadFile(runFile(x.Out, s))
	if errors.Is(err, fs.ErrNotExist) {
		return Run{}, false, nil
	}
	if err != nil {
		return Run{}, false, fmt.Errorf("experiment: %w", err)
	}
	r, program, err := readRun(raw, s)
	switch {
	case err == nil && program != x.Program:
		x.others++
	case err != nil && !errors.Is(err, errOther):
		x.note("%s: %v; it is made again", runFile(x.Out, s), err)
	}
	return r, err == nil, nil
}

// note tells the caller what it did not ask for.
func (x *execution) note(format string, args ...any) {
	if x.Note != nil {
		x.Note(fmt.Sprintf(format, args...))
	}
}

// store writes a run so that its file is there either whole or not at all.
func (x *execution) store(r Run) error {
	run, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("experiment: run %s: %w", r.Settings.Name(), err)
	}
	sum, err := checksum(run)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(stored{sum, x.Program, run}, "", " ")
	if err != nil {
		return err
	}
	return replace(runFile(x.Out, r.Settings), append(raw, '\n'))
}

// replace writes a file, and its folder if it is not there.
func replace(name string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(name), 0o777)
	if err == nil {
		err = output.Bytes(name, content)
	}
	if err != nil {
		err = fmt.Errorf("experiment: %w", err)
	}
	return err
}
