package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/firmware/yamlfile"
	"bdfasim/testbench/models"
)

// network is what is trained.
type network struct {
	net   *net.Net
	file  *onnx.Model // initial values; nil: they are drawn
	notes []string    // what the chip does differently from the file
}

// ofSizes is a fully connected network: sizes as 784-128-64-10.
func ofSizes(text string) (*network, error) {
	sizes, err := parseSizes(text)
	if err != nil {
		return nil, err
	}
	n, err := net.MLP(net.ReLU, sizes...)
	if err != nil {
		return nil, usagef("layers %s: %w", text, err)
	}
	return &network{net: n}, nil
}

// readNetwork gets a description: a preset by its name, or a YAML or ONNX file.
func readNetwork(name string) (*network, error) {
	if slices.Contains(net.Presets(), name) {
		described, err := net.Preset(name)
		return &network{net: described}, err
	}
	read := yamlfile.ReadFile
	if filepath.Ext(name) == ".onnx" {
		read = readONNX
	}
	b, err := read(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, fmt.Errorf("%s: %w; want a YAML or .onnx file, or one of %s", name, err, strings.Join(net.Presets(), ", "))
	}
	n := &network{}
	if filepath.Ext(name) == ".onnx" {
		o := onnx.Options{Folder: filepath.Dir(name)}
		if n.file, err = o.Parse(b, name); err != nil {
			return nil, err
		}
		n.net = n.file.Net
		n.compare()
	} else if n.net, err = net.Parse(b, name); err != nil {
		return nil, err
	}
	if n.net.Name == "" {
		n.net.Name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	}
	if err := n.flatten(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, err = compile.Lower(n.net, compile.DefaultFormats()) // refused before anybody reads data or draws weights
	return n, err
}

// readONNX returns what is in a file, which is no larger than protocol buffers can be.
func readONNX(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > math.MaxInt32) {
		return nil, fmt.Errorf("got %v of %d bytes, want a file of at most 2 GiB",
			info.Mode().Type(), info.Size())
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// compare notes where batch normalisations of the file are not the chip's, and what it does with
// images. Files have 32-bit floats.
func (n *network) compare() {
	if n.file.Scaled {
		n.notes = append(n.notes, "the file scales images itself; here they are p/256 for bytes p")
	}
	for i, b := range n.file.BN {
		if float32(b.Epsilon) != float32(models.ChipEpsilon) {
			n.notes = append(n.notes, fmt.Sprintf("bn%d: the file has epsilon %.3g, the chip always 1e-05", i+1, float32(b.Epsilon)))
		}
		if float32(b.Momentum) != float32(models.ChipStays) {
			n.notes = append(n.notes, fmt.Sprintf("bn%d: the file has momentum %.3g for the running statistics, the chip always 0.1", i+1, 1-float32(b.Momentum)))
		}
	}
}

// clipped notes which initial values of a trial do not fit their formats.
func (n *network) clipped(tr *trial, formats string) {
	for _, c := range tr.plan.Spec().Clipped {
		note := c.String() + ": the chip starts from that range, the float model does not"
		if formats != "fit" {
			note += " (--formats fit makes room)"
		}
		if !slices.Contains(n.notes, note) {
			n.notes = append(n.notes, note)
		}
	}
}

// warn says what the chip does differently, before a long run.
func (n *network) warn(e *env) {
	for _, note := range n.notes {
		fmt.Fprintf(e.stderr, "note: %s\n", note)
	}
}

// flatten makes an input that is flattened at once a vector, in the same order: channel, row, column.
func (n *network) flatten() error {
	if n.net.Layers[0].Type != net.Flatten {
		return n.net.Infer() // its name may be new
	}
	flat := *n.net
	flat.Input, flat.Layers = net.Vector(flat.Input.Size()), slices.Clone(flat.Layers[1:])
	n.net = &flat
	return flat.Infer()
}
