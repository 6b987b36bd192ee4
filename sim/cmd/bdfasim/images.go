package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/golden/data"
)

// dataFlags say what is trained and tested on.
type dataFlags struct {
	Data        string `type:"path" placeholder:"PATH" help:"${images_data}"`
	Resize      bool   `help:"${resize}"`
	Synthetic   int    `want:"[1,]" placeholder:"N" help:"${synthetic}"`
	Samples     int    `want:"[0,]" placeholder:"N" help:"${samples}"`
	TestSamples int    `want:"[0,]" placeholder:"N" help:"Test on so many of the images only (default: all)."`
	Holdout     int    `want:"[0,]" placeholder:"N" help:"${holdout}"`
}

// splitSeed chooses the images that are held out of a set without a test part.
const splitSeed = 1

// sets are the images of an experiment.
type sets struct {
	train, test data.Set
	heldOut     bool // test is a part of the training images
	alone       bool // because there are no others
	synthetic   bool // random pixels
}

// tested says on what accuracy was measured.
func (d *sets) tested() string {
	switch {
	case d.synthetic:
		return fmt.Sprintf("%d RANDOM IMAGES: accuracy means nothing", d.test.N)
	case d.alone:
		return fmt.Sprintf("%d images held out of training, chosen with seed %d", d.test.N, splitSeed)
	case d.heldOut:
		return fmt.Sprintf("%d held-out training images, not the test images", d.test.N)
	}
	return fmt.Sprintf("the %d test images", d.test.N)
}

// load reads the images and checks the network's ends against them.
func (f *dataFlags) load(n *network) (d sets, err error) {
	if f.Holdout != 0 && f.TestSamples != 0 {
		return d, usagef("holdout: got --test-samples as well, want one of them: held-out images replace the test images")
	}
	if d, err = f.source(n); err != nil {
		return d, err
	}
	d.heldOut, d.alone = f.Holdout != 0, d.test.N == 0
	if d.alone && !d.heldOut {
		return d, usagef("data: got %s without a test part, want --holdout N, which tests on N of the %d images",
			f.Data, d.train.N)
	}
	if d.train, err = some(d.train, f.Samples, "--samples"); err != nil {
		return d, err
	}
	switch {
	case d.alone:
		d.train, d.test, err = d.train.HoldOut(f.Holdout, splitSeed)
	case d.heldOut:
		if d.train, d.test, err = d.train.HoldOutLast(f.Holdout); err != nil {
			err = usageError{err}
		}
	default:
		d.test, err = some(d.test, f.TestSamples, "--test-samples")
	}
	if err == nil && (d.train.N > firmware.MaxSamples || d.test.N > firmware.MaxSamples) {
		err = fmt.Errorf("data: got %d images to train and %d to test on, want at most %d each: --samples "+
			"and --test-samples take a part", d.train.N, d.test.N, firmware.MaxSamples)
	}
	return d, err
}

// source gets the whole sets, which the network accepts.
func (f *dataFlags) source(n *network) (d sets, err error) {
	switch {
	case f.Synthetic != 0 && f.Data != "":
		return d, usagef("synthetic: got --data as well, want one of them")
	case f.Resize && f.Data == "":
		return d, usagef("resize: got no --data, want images to resize")
	case f.Synthetic != 0:
		if d.train, err = synthetic(n, f.Synthetic, "train", 1); err == nil {
			d.test, err = synthetic(n, f.Synthetic, "test", 2)
		}
		d.synthetic = true
	case f.Data == "":
		if d.train, d.test, err = data.Embedded(); err == nil {
			if misfit := n.accepts(&d.train); misfit != nil {
				err = fmt.Errorf("%w; or --data PATH with other images, or --synthetic N for random ones", misfit)
			}
		}
	default:
		err = f.own(n, &d)
	}
	return d, err
}

// own reads the images of --data.
func (f *dataFlags) own(n *network, d *sets) (err error) {
	var as data.Shape
	if f.Resize {
		if as, err = pictureOf(n.net.Input); err != nil {
			return err
		}
	}
	found, err := data.Open(f.Data, as)
	if err != nil {
		return err
	}
	d.train, d.test = found.Train, found.Test
	note := fmt.Sprintf("%s: %d classes, images of %s; a byte p is p/256 to the chip",
		d.train.Name, d.train.Classes, d.train.Shape)
	n.notes = append(append(n.notes, note), found.Notes...)
	if err := n.accepts(&d.train); err != nil {
		if !f.Resize && n.net.Classes == d.train.Classes {
			err = fmt.Errorf("%w; or --resize, which brings the images to the network's input", err)
		}
		return err
	}
	return nil
}

// pictureOf is the shape of pictures for a network: a vector takes square ones, grey or, if its
// size says so, coloured.
func pictureOf(in net.Shape) (data.Shape, error) {
	if !in.Flat() && (in.Channels == 1 || in.Channels == 3) {
		return data.Shape{Channels: in.Channels, Rows: in.Height, Cols: in.Width}, nil
	}
	for _, channels := range []int{1, 3} {
		side := int(math.Sqrt(float64(in.Size() / channels)))
		if channels*side*side == in.Size() {
			return data.Shape{Channels: channels, Rows: side, Cols: side}, nil
		}
	}
	return data.Shape{}, fmt.Errorf("resize: got an input of %s, want 1 or 3 channels, or a number that "+
		"is a square or three times one", in)
}

// accepts compares the network's ends with a set of images.
func (n *network) accepts(s *data.Set) error {
	shape := net.Shape{Channels: s.Channels, Height: s.Rows, Width: s.Cols}
	switch {
	case n.net.Input != shape && n.net.Input != net.Vector(s.Size()):
		return fmt.Errorf("network %s: input: got %s, want %s or %d, an image of %s", n.net.Name, n.net.Input, shape, s.Size(), s.Name)
	case n.net.Classes != s.Classes:
		return fmt.Errorf("network %s: classes: got %d, want %d as in %s: change classes and the outputs "+
			"of the last layer, or the last number of --layers", n.net.Name, n.net.Classes, s.Classes, s.Name)
	}
	return nil
}

// synthetic makes images of random pixels for a network, the classes in turn.
func synthetic(n *network, count int, part string, seed uint64) (data.Set, error) {
	in, classes := n.net.Input, n.net.Classes
	switch {
	case count < 1 || count > firmware.MaxSamples:
		return data.Set{}, usagef("synthetic: got %d images, want 1..%d", count, firmware.MaxSamples)
	case classes > 256:
		return data.Set{}, fmt.Errorf("synthetic: got %d classes, want at most 256", classes)
	}
	s := data.Set{Name: "synthetic/" + part, N: count, Classes: classes,
		Shape: data.Shape{Channels: in.Channels, Rows: max(1, in.Height), Cols: max(1, in.Width)}}
	rng := rand.New(rand.NewPCG(seed, uint64(in.Size())))
	s.Images, s.Labels = make([]byte, count*s.Size()), make([]uint8, count)
	for k := range s.Images {
		s.Images[k] = byte(rng.Uint32())
	}
	for k := range s.Labels {
		s.Labels[k] = uint8(k % classes)
	}
	return s, nil
}

// some returns n images, a random choice that is always the same; 0 means all.
func some(s data.Set, n int, flag string) (data.Set, error) {
	switch {
	case n == 0:
		return s, nil
	case n > s.N:
		return s, usagef("%s: got %d, want 1..%d of %s, or 0 for all", flag, n, s.N, s.Name)
	}
	return s.Pick(data.Order(0, 0, s.N)[:n]), nil // files may be sorted by class
}
