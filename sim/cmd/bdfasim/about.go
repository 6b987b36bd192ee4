package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/alecthomas/kong"

	"bdfasim/firmware/compile"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
)

// schemaVersion is that of results.json: docs/results.md.
const schemaVersion = 1

// about says what results are the results of.
type about struct {
	Program    string                 `json:"program"`
	Command    string                 `json:"command"`
	Arguments  map[string]any         `json:"arguments"` // but for those that do not change results
	Images     map[string]imageOrigin `json:"images,omitempty"`
	Machine    map[string]any         `json:"machine,omitempty"`
	Technology map[string]any         `json:"technology,omitempty"`

	began time.Time
	line  []string
}

// imageOrigin is an image, and what it was compiled from if it tells.
type imageOrigin struct {
	SHA256   string          `json:"sha256"`
	Compiled json.RawMessage `json:"compiled,omitempty"`
}

// newAbout begins with the command line.
func newAbout(k *kong.Context, line []string) *about {
	a := &about{Program: versions(), Command: k.Selected().FullPath(), Arguments: map[string]any{},
		began: time.Now(), line: line}
	for name, v := range arguments(k) {
		value := v.Target.Interface()
		_, output := value.(writes)
		// A resumed run has the same results.
		stop := v.Flag != nil && v.Flag.Group != nil && v.Flag.Group.Title == stopGroup
		if !output && !stop && value != "" {
			a.Arguments[name] = value
		}
	}
	return a
}

// image adds an image.
func (a *about) image(name string, img *image.Image) {
	b, err := img.Bytes()
	if err != nil {
		return // an image that cannot be written was not read
	}
	if a.Images == nil {
		a.Images = map[string]imageOrigin{}
	}
	sum := sha256.Sum256(b)
	a.Images[name] = imageOrigin{fmt.Sprintf("%x", sum), compile.Origin(img)}
}

// trial adds the image of a trial, and its machine.
func (a *about) trial(tr *trial) {
	a.image(fmt.Sprintf("%s, seed %d", tr.rule, tr.seed), tr.img)
	a.machine(tr.chip)
}

// machine sets the machine, whole.
func (a *about) machine(m machine.Config) {
	a.Machine = map[string]any{}
	m.Each(func(field string, value any) { a.Machine[field] = value })
}

// technology sets the technology; the hash is that of the file that --print-tech prints.
func (a *about) technology(t *power.Tech) {
	sum := sha256.Sum256(t.Marshal())
	a.Technology = map[string]any{"name": t.Name, "process": t.Process, "volt": t.Volt, "dram": t.DRAM,
		"sha256": fmt.Sprintf("%x", sum)}
}

// write writes tables as JSON.
func (a *about) write(w *bytes.Buffer, tables []*table.Table) error {
	return table.JSON(w, struct {
		SchemaVersion int            `json:"schema_version"`
		About         *about         `json:"about"`
		Tables        []*table.Table `json:"tables"`
	}{schemaVersion, a, tables})
}

// host is what differs from one run to the next.
func (a *about) host() map[string]any {
	name, _ := os.Hostname()
	return map[string]any{
		"host": name, "system": runtime.GOOS + "/" + runtime.GOARCH, "cores": runtime.NumCPU(),
		"command_line": a.line, "began": a.began.UTC().Format(time.RFC3339),
		"seconds": time.Since(a.began).Seconds(),
	}
}
