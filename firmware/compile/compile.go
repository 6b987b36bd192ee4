package compile

import (
	"cmp"
	"fmt"
	"slices"

	"bdfasim/isa/image"
	"bdfasim/isa/machine"
)

// Plan is what the compiler knows of a program: what the passes plan, tile and emit have made.
type Plan struct {
	Layout
	Tiling
	Listing
}

// Build compiles a specification. An error says which line of the network, which memory or which
// field is wrong, and how much is missing.
func Build(spec Spec) (*image.Image, *Plan, error) {
	p, err := planSpec(&spec)
	if err != nil {
		return nil, nil, err
	}
	img, err := p.Program()
	if err != nil {
		return nil, nil, err
	}
	img.Segments = slices.Concat(p.Tables, p.data(&spec))
	slices.SortFunc(img.Segments, func(a, b image.Segment) int {
		return cmp.Compare(a.Addr, b.Addr)
	})
	img.Tensors, img.Notes = p.Tensors(), []image.Note{p.note()}
	if err := img.Validate(); err != nil {
		return nil, nil, fmt.Errorf("compile: %w", err)
	}
	return img, p, nil
}

func planSpec(s *Spec) (*Plan, error) {
	if err := s.complete(); err != nil {
		return nil, err
	}
	if err := s.checkData(); err != nil {
		return nil, err
	}
	if s.Fit {
		s.fit()
		s.Fit = false // the formats say it from here on
	}
	s.Clipped = s.clips()
	return newPlan(s.withoutData(), s.samples())
}

// newPlan runs the passes behind Lower, which need no data but its numbers of samples.
func newPlan(s *Spec, n samples) (*Plan, error) {
	p, err := placed(s, n)
	if err != nil {
		return nil, fmt.Errorf("compile: %w%s", err, s.smaller(n))
	}
	if err := p.fits(); err != nil {
		return nil, fmt.Errorf("compile: external memory, %w%s", err, s.smaller(n))
	}
	p.Listing = emit(&p.Layout, p.Passes)
	return p, nil
}

// placed is a plan up to the places of all that it needs.
func placed(s *Spec, n samples) (*Plan, error) {
	l, err := plan(s, n)
	if err != nil {
		return nil, err
	}
	p := &Plan{Layout: *l}
	if p.Tiling, err = tile(l); err != nil {
		return nil, err
	}
	p.Low = append(p.Low, p.Placed...)
	return p, nil
}

// Room tells, before there are data, what would not fit with so many samples to train and to test
// on.
func Room(spec Spec, train, test int) error {
	if err := spec.complete(); err != nil {
		return err
	}
	_, err := newPlan(&spec, samples{train, test, train})
	return err
}

// size is what regions take that lie one behind another.
func size(regions []Region) (n int) {
	for _, r := range regions {
		n += (r.Bytes + 31) &^ 31
	}
	return n
}

// fits tells which half of external memory is too small, with which region it is full, and which
// is the largest. Regions have their layer's name.
func (p *Layout) fits() error {
	half := p.spec.Machine.XMem.Bytes / 2
	for k, regions := range [][]Region{p.Low, p.High} {
		need := size(regions)
		if need <= half {
			continue
		}
		name, full := [2]string{"lower half", "upper half"}[k], 0
		for full+1 < len(regions) && size(regions[:full])+regions[full].Bytes <= half {
			full++
		}
		most := slices.MaxFunc(regions, func(a, b Region) int { return a.Bytes - b.Bytes })
		return fmt.Errorf("%s: needs %d bytes, there are %d: %d missing; %s is the first that does not "+
			"fit, %s the largest with %d",
			name, need, half, need-half, regions[full].Name, most.Name, most.Bytes)
	}
	return nil
}

// XMemBytes returns the smallest external memory, a power of two from least to most bytes, whose
// halves hold the program of a specification.
func XMemBytes(spec Spec, least, most int) (int, error) {
	s := &spec
	if s.Machine == (machine.Config{}) {
		s.Machine = machine.Reference()
	}
	s.Machine.XMem.Bytes = most
	p, err := planSpec(s)
	if err != nil {
		return 0, err
	}
	n := least
	for n/2 < max(size(p.Low), size(p.High)) {
		n *= 2
	}
	return n, nil
}
