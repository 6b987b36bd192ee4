package main

import (
	"fmt"
	"math/rand/v2"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/golden/data"
)

// dataFlags say what is trained and tested on.
type dataFlags struct {
	Data        string `type:"path" placeholder:"DIR" help:"${images_data}"`
	Synthetic   int    `want:"[1,]" placeholder:"N" help:"${synthetic}"`
	Samples     int    `want:"[0,]" placeholder:"N" help:"${samples}"`
	TestSamples int    `want:"[0,]" placeholder:"N" help:"Test on so many of the images only (default: all)."`
	Holdout     int    `want:"[0,]" placeholder:"N" help:"${holdout}"`
}

// sets are the images of an experiment.
type sets struct {
	train, test data.Set
	heldOut     bool // test is a part of the training images
	synthetic   bool // random pixels
}

// tested says on what accuracy was measured.
func (d *sets) tested() string {
	switch {
	case d.synthetic:
		return fmt.Sprintf("%d RANDOM IMAGES: accuracy means nothing", d.test.N)
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
	if d.train, err = some(d.train, f.Samples, "--samples"); err != nil {
		return d, err
	}
	if d.heldOut = f.Holdout != 0; d.heldOut {
		if d.train, d.test, err = d.train.HoldOutLast(f.Holdout); err != nil {
			err = usageError{err}
		}
	} else {
		d.test, err = some(d.test, f.TestSamples, "--test-samples")
	}
	if err != nil {
		return d, err
	}
	return d, n.accepts(&d.train)
}

// source gets the whole sets.
func (f *dataFlags) source(n *network) (d sets, err error) {
	switch {
	case f.Synthetic != 0 && f.Data != "":
		return d, usagef("synthetic: got --data as well, want one of them")
	case f.Synthetic != 0:
		if d.train, err = synthetic(n, f.Synthetic, "train", 1); err == nil {
			d.test, err = synthetic(n, f.Synthetic, "test", 2)
		}
		d.synthetic = true
	case f.Data == "":
		if d.train, d.test, err = data.Embedded(); err == nil {
			if misfit := n.accepts(&d.train); misfit != nil {
				err = fmt.Errorf("%w; want --data DIR with other images, or --synthetic N for random ones", misfit)
			}
		}
	case n.net.Input.Size() == cifarPixels:
		load := data.LoadCIFAR10
		if n.net.Classes == 100 {
			load = data.LoadCIFAR100
		}
		d.train, d.test, err = load(f.Data)
	default:
		d.train, d.test, err = data.LoadDir(f.Data)
	}
	return d, err
}

// cifarPixels is the size of an image of CIFAR.
const cifarPixels = 3 * 32 * 32

// accepts compares the network's ends with a set of images.
func (n *network) accepts(s *data.Set) error {
	shape := net.Shape{Channels: s.Channels, Height: s.Rows, Width: s.Cols}
	switch {
	case n.net.Input != shape && n.net.Input != net.Vector(s.Size()):
		return fmt.Errorf("network %s: input: got %s, want %s or %d, an image of %s", n.net.Name, n.net.Input, shape, s.Size(), s.Name)
	case n.net.Classes != s.Classes:
		return fmt.Errorf("network %s: classes: got %d, want %d as in %s", n.net.Name, n.net.Classes, s.Classes, s.Name)
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
	s := data.Set{Name: "synthetic/" + part, N: count, Channels: in.Channels, Rows: max(1, in.Height), Cols: max(1, in.Width), Classes: classes}
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
