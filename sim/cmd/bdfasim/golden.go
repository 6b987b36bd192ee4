package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"bdfasim/firmware/yamlfile"
	"bdfasim/golden/experiment"
	"bdfasim/power/table"
)

// goldenCmd runs experiments with the float models: rules x seeds x learning rates x numbers of samples.
type goldenCmd struct {
	Experiment string   `arg:"" optional:"" help:"${experiment}"`
	List       bool     `help:"List the ready-made experiments."`
	Show       bool     `help:"${show}"`
	Out        folder   `placeholder:"DIR" help:"${out}"`
	Data       []string `sep:"none" placeholder:"[SET=]PATH" help:"${data}"`
	Stored     bool     `help:"${stored}"`
	Workers    int      `want:"[0,]" placeholder:"N" help:"${workers}"`
}

// Run lists, shows or runs.
func (c *goldenCmd) Run(e *env) error {
	switch {
	case c.List:
		return c.list(e)
	case c.Experiment == "":
		return usagef("golden: got no experiment, want a file or one of %s", strings.Join(experiment.Names(), ", "))
	}
	src, name, err := c.source()
	if err != nil {
		return err
	}
	if c.Show {
		_, err := e.stdout.Write(src)
		return err
	}
	x, err := experiment.Parse(src, name)
	if err != nil {
		return err
	}
	return c.execute(e, x)
}

// source returns the text of the experiment: a file's if there is one of that name.
func (c *goldenCmd) source() (src []byte, name string, err error) {
	src, err = yamlfile.ReadFile(c.Experiment)
	if os.IsNotExist(err) && !strings.ContainsAny(c.Experiment, "./"+string(filepath.Separator)) {
		src, err = experiment.Source(c.Experiment)
		return src, c.Experiment + ".yaml", err
	}
	if pe, ok := err.(*fs.PathError); ok {
		err = fmt.Errorf("%s: %w", c.Experiment, pe.Err)
	}
	return src, c.Experiment, err
}

// firstSentence ends at a full stop: not that of Eq. or conv.
var firstSentence = regexp.MustCompile(`(?s)^(.*?[^q])\.(?:$|\s+[^a-z])`)

// list prints the ready-made experiments.
func (c *goldenCmd) list(e *env) error {
	t := table.New("Ready-made experiments", "name", "data", "about")
	for _, name := range experiment.Names() {
		x, err := experiment.Open(name)
		if err != nil {
			return err
		}
		var sets []string
		for _, d := range x.Data {
			sets = append(sets, d.Set)
		}
		t.Row(name, strings.Join(sets, ", "), firstSentence.FindStringSubmatch(x.About)[1])
	}
	t.Note("bdfasim golden NAME --show prints one; sets other than embedded need --data SET=PATH")
	return t.Text(e.stdout, 80)
}

// folders tells where the images of each set are.
func (c *goldenCmd) folders(x *experiment.Experiment) (map[string]string, error) {
	out := map[string]string{}
	for _, value := range c.Data {
		set, path, named := strings.Cut(value, "=")
		if _, err := os.Stat(value); !named || err == nil { // a path may hold a =
			if set, path = x.Data[0].Set, value; len(x.Data) > 1 {
				return nil, usagef("--data: got %q, want SET=PATH with a data set of the experiment, "+
					"which has several", value)
			}
		}
		if out[set] != "" {
			return nil, usagef("--data: got %s twice, want each data set once", set)
		}
		out[set] = path
	}
	return out, nil
}

// execute makes the runs, saves the results and prints the table.
func (c *goldenCmd) execute(e *env, x *experiment.Experiment) error {
	out := string(c.Out)
	if out == "" {
		out = filepath.Join("results", x.Folder())
	}
	folders, err := c.folders(x)
	if err != nil {
		return err
	}
	var show *progress
	results, err := experiment.Execute(e.ctx, x, experiment.Options{
		Out: out, Workers: c.Workers, Stored: c.Stored, Folders: folders, Program: program(),
		Note: func(text string) { fmt.Fprintf(e.stderr, "note: %s\n", text) },
		Progress: func(p experiment.Progress) {
			if show == nil {
				show = newProgress(e, int64(p.Epochs), "epochs",
					progressbar.OptionSetPredictTime(false))
				show.Add(p.FoundEpochs)
			}
			show.Describe(fmt.Sprintf("%d of %d runs, %v left", p.Done, p.Total, p.Left.Round(time.Second)))
			show.Add(1)
		},
	})
	if show != nil {
		show.Finish()
	}
	if err != nil {
		if e.ctx.Err() != nil {
			fmt.Fprintf(e.stderr, "finished runs are kept in %s; the same command goes on from there\n", out)
		}
		return err
	}
	names, failed := results.Save(out)
	if failed == nil {
		fmt.Fprintf(e.stderr, "written: %d files in %s\n", len(names), out)
	}
	var b bytes.Buffer
	if err := results.Table(&b); err != nil {
		return err
	}
	_, err = e.stdout.Write(b.Bytes())
	return errors.Join(failed, err)
}
