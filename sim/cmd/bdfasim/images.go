package main

import (
	"fmt"

	"bdfasim/golden/data"
)

// sets are the images of an experiment.
type sets struct {
	train, test data.Set
	heldOut     bool // test is a part of the training images
}

// tested says on what accuracy was measured.
func (d *sets) tested() string {
	if d.heldOut {
		return fmt.Sprintf("%d held-out training images, not the test images", d.test.N)
	}
	return fmt.Sprintf("the %d test images", d.test.N)
}

// load reads the images and checks the network's ends against them.
func (s *setup) load(sizes []int) (d sets, err error) {
	if s.Holdout != 0 && s.TestSamples != 0 {
		return d, usagef("holdout: got --test-samples as well, want one of them: held-out images replace the test images")
	}
	if s.Data == "" {
		d.train, d.test, err = data.Embedded()
	} else {
		d.train, d.test, err = data.LoadDir(s.Data)
	}
	if err != nil {
		return d, err
	}
	if d.train, err = some(d.train, s.Samples); err != nil {
		return d, err
	}
	if d.heldOut = s.Holdout != 0; d.heldOut {
		d.train, d.test, err = holdOut(d.train, s.Holdout)
	} else {
		d.test, err = some(d.test, s.TestSamples)
	}
	if err != nil {
		return d, err
	}
	pixels, last := d.train.Rows*d.train.Cols, len(sizes)-1
	if sizes[0] != pixels {
		return d, fmt.Errorf("layers: got %d inputs, want %d, the pixels of an image of %s", sizes[0], pixels, d.train.Name)
	}
	if sizes[last] != d.train.Classes {
		return d, fmt.Errorf("layers: got %d outputs, want %d, the classes of %s", sizes[last], d.train.Classes, d.train.Name)
	}
	return d, s.fits(sizes, d)
}

// defaultXMemMB is the reference machine's external memory.
const defaultXMemMB = 64

// maxXMemMB is the largest external memory: addresses have 32 bits, and LPDDR3 parts end there.
const maxXMemMB = 2048

// fits chooses the size of external memory if the user did not: the reference machine's, or the next power of two whose
// halves hold weights and data below, velocities above. It refuses networks whose weights and velocities alone exceed the
// memory, before anybody draws weights.
func (s *setup) fits(sizes []int, d sets) error {
	weights := 0.0
	for i := 1; i < len(sizes); i++ {
		weights += float64(sizes[i-1]+64) * float64(sizes[i]+64) // blocks of 64 x 64
	}
	images := float64(d.train.N+d.test.N) * float64(sizes[0]+32)
	orders := 4 * float64(s.Epochs+1) * float64(d.train.N+d.test.N)
	half := max(2*weights+images+orders, 3*weights)
	if s.XMemMB == 0 {
		for s.XMemMB = defaultXMemMB; half > float64(s.XMemMB<<19) && s.XMemMB < maxXMemMB; s.XMemMB *= 2 {
		}
	}
	if have := s.XMemMB << 20; 5*weights > 2*float64(have) {
		return fmt.Errorf("layers %s: got weights and velocities of %.0f bytes, want at most %d, the external memory", s.Layers, 5*weights, have)
	}
	return nil
}

// some returns n images, a random choice that is always the same; 0 means all.
func some(s data.Set, n int) (data.Set, error) {
	switch {
	case n == 0:
		return s, nil
	case n < 0 || n > s.N:
		return s, fmt.Errorf("samples: got %d of %s, want 1..%d, or 0 for all", n, s.Name, s.N)
	}
	size := s.Rows * s.Cols
	order := data.Order(0, 0, s.N) // files may be sorted by class
	out := s
	out.N, out.Images, out.Labels = n, nil, nil
	for _, k := range order[:n] {
		out.Images = append(out.Images, s.Images[k*size:(k+1)*size]...)
		out.Labels = append(out.Labels, s.Labels[k])
	}
	return out, nil
}

// pick returns the images k of s with out[k] == want.
func pick(s data.Set, out []bool, want bool) data.Set {
	size := s.Rows * s.Cols
	part := s
	part.N, part.Images, part.Labels = 0, nil, nil
	for k := range s.N {
		if out[k] == want {
			part.N++
			part.Images = append(part.Images, s.Images[k*size:(k+1)*size]...)
			part.Labels = append(part.Labels, s.Labels[k])
		}
	}
	return part
}

// holdOut parts s in two: held has the last n images, equally many of each class, kept the others. Both are in the
// order of s.
func holdOut(s data.Set, n int) (kept, held data.Set, err error) {
	if n < s.Classes || n%s.Classes != 0 || n >= s.N {
		return s, s, fmt.Errorf("holdout: got %d of the %d training images, want fewer, and a multiple of the %d classes", n, s.N, s.Classes)
	}
	room := make([]int, s.Classes) // images of a class yet to be held out
	for c := range room {
		room[c] = n / s.Classes
	}
	out := make([]bool, s.N)
	for k := s.N - 1; k >= 0; k-- {
		if c := s.Labels[k]; room[c] > 0 {
			room[c]--
			out[k] = true
		}
	}
	for c, missing := range room {
		if missing > 0 {
			return s, s, fmt.Errorf("holdout: got %d training images of class %d, want at least %d", n/s.Classes-missing, c, n/s.Classes)
		}
	}
	kept, held = pick(s, out, false), pick(s, out, true)
	return kept, held, nil
}
