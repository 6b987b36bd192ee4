package feature

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/sim/track/sequence"
	"bdfasim/testbench/models"
)

// Size is the number of features of a crop, 512 x 3 x 3 in MDNet. Unit is what a byte of 1 stands
// for.
const (
	Size = 4608
	Unit = 1. / 64
)

//go:embed default.onnx
var defaultFile []byte

// Layer is a fully connected layer that a file has above its features.
type Layer struct{ W, B []float64 }

// Model is a network that makes features. It may be shared.
type Model struct {
	Name   string  // of the file
	SHA256 string  // of its bytes
	Hidden []Layer // 4608-512 and 512-512 if the file goes on with them, else none

	model *onnx.Model // up to the features, and a layer of nothing above them
}

// Default is the built-in network.
func Default() (*Model, error) { return read(defaultFile, "default.onnx", "") }

// Open reads an ONNX file.
func Open(name string) (*Model, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			err = path.Err
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return read(raw, name, filepath.Dir(name))
}

// read takes the part of a file that makes features.
func read(raw []byte, name, folder string) (*Model, error) {
	m, err := onnx.Options{Folder: folder, Top: 2}.Parse(raw, name)
	if err != nil {
		return nil, err
	}
	if want := (net.Shape{Channels: 3, Height: Edge, Width: Edge}); m.Net.Input != want {
		return nil, fmt.Errorf("%s: input: got %s, want %s", name, m.Net.Input, want)
	}
	out := &Model{Name: filepath.Base(name), SHA256: fmt.Sprintf("%x", sha256.Sum256(raw))}
	weighted, norms := 0, 0
	for i, l := range m.Net.Layers {
		switch {
		case l.Type == net.FC:
			if l.In.Size() != Size || weighted == 0 {
				return nil, fmt.Errorf("%s: features: got %d before the first fully connected layer, "+
					"want %d of convolutions",
					name, l.In.Size(), Size)
			}
			out.Hidden = hidden(m, m.Net.Layers[i:], weighted)
			out.model, err = cut(m, i, weighted, norms)
			return out, err
		case l.Type == net.BN:
			norms++
		case l.Weighted():
			weighted++
		}
	}
	panic("feature: a network without a fully connected layer") // the reader wants one
}

// hidden are the first two layers above the features if they have MDNet's sizes.
func hidden(m *onnx.Model, above []net.Layer, weighted int) (all []Layer) {
	for _, l := range above {
		if l.Type != net.FC {
			continue
		}
		if l.Out != 512 {
			break
		}
		k := weighted + len(all)
		if all = append(all, Layer{m.W[k], m.B[k]}); len(all) == 2 {
			return all
		}
	}
	return nil
}

// cut leaves the layers below number i, and puts one of two outputs on them that says nothing.
func cut(m *onnx.Model, i, weighted, norms int) (*onnx.Model, error) {
	n := &net.Net{Name: m.Net.Name, Input: m.Net.Input, Classes: 2}
	for _, l := range m.Net.Layers[:i] {
		if l.Type != net.Dropout { // features do not learn
			n.Layers = append(n.Layers, l)
		}
	}
	n.Layers = append(n.Layers, net.Layer{Type: net.FC, Out: 2})
	c := &onnx.Model{Net: n, BN: m.BN[:norms],
		W: append(m.W[:weighted:weighted], make([]float64, 2*Size)),
		B: append(m.B[:weighted:weighted], nil)}
	return c, n.Infer()
}

// MACs is the number of multiplications of a crop.
func (m *Model) MACs() int { return m.model.Net.MACs() - 2*Size }

// Extractor computes features on one core. Not for concurrent use.
type Extractor struct {
	net   *golden.Network
	crops []float64
}

// batch is the number of crops that go through the network together.
const batch = 32

// Extractor makes one.
func (m *Model) Extractor() (*Extractor, error) {
	n, err := golden.Build(m.model.Net, golden.NetConfig{Rule: "bp", Workers: 1})
	if err != nil {
		return nil, err
	}
	return &Extractor{net: n, crops: make([]float64, batch*3*Edge*Edge)}, models.Adopt(n, m.model)
}

// each hands on the features of boxes, some at a time.
func (x *Extractor) each(img *image.RGBA, boxes []sequence.Box,
	use func(first int, f golden.Mat)) error {
	const size = 3 * Edge * Edge
	for at := 0; at < len(boxes); at += batch {
		part := boxes[at:min(at+batch, len(boxes))]
		for k, b := range part {
			crop(x.crops[k*size:][:size], img, b)
		}
		if _, err := x.net.Forward(x.crops[:len(part)*size]); err != nil {
			return err
		}
		f, err := x.net.Output(x.net.L - 1)
		if err != nil {
			return err
		}
		use(at, f)
	}
	return nil
}

// Gain is the power of two that brings the root mean square of features near 1.
func (x *Extractor) Gain(img *image.RGBA, boxes []sequence.Box) (float64, error) {
	sum, n := 0.0, 0
	err := x.each(img, boxes, func(_ int, f golden.Mat) {
		for _, v := range f.Data {
			sum += float64(v * v)
		}
		n += len(f.Data)
	})
	if err != nil || sum == 0 {
		return 1, err
	}
	_, exp := math.Frexp(math.Sqrt(sum / float64(n)))
	return math.Ldexp(1, -exp), nil
}

// Bytes are the features of boxes, Size bytes each.
func (x *Extractor) Bytes(img *image.RGBA, boxes []sequence.Box, gain float64) ([]byte, error) {
	out := make([]byte, len(boxes)*Size)
	err := x.each(img, boxes, func(first int, f golden.Mat) {
		for k, v := range f.Data {
			out[first*Size+k] = byte(min(max(math.Round(v*gain/Unit), 0), 255))
		}
	})
	return out, err
}
