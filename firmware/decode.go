package firmware

import (
	"fmt"

	"bdfasim/isa/image"
)

// PlanFromImage gets the plan back from an image that Build made, perhaps another day. It refuses images without a
// header, and plans that point outside the image's external memory.
func PlanFromImage(img *image.Image) (*Plan, error) {
	p := &Plan{}
	if err := p.decodeStructs(img); err != nil {
		return nil, fmt.Errorf("firmware: image: %w", err)
	}
	if err := p.checkHeader(); err != nil {
		return nil, fmt.Errorf("firmware: image: header: %w", err)
	}
	for i := 1; i < len(p.Layers); i++ {
		if err := p.checkLayer(i); err != nil {
			return nil, fmt.Errorf("firmware: image: layer %d: %w", i, err)
		}
	}
	return p, nil
}

// initial returns the data of the segment that holds [addr, addr+n).
func initial(img *image.Image, addr uint32, n int) ([]byte, error) {
	for _, s := range img.Segments {
		if s.Addr <= addr && uint64(addr)+uint64(n) <= uint64(s.Addr)+uint64(len(s.Data)) {
			return s.Data[addr-s.Addr:][:n], nil
		}
	}
	return nil, fmt.Errorf("address %#x: got no initial data, want %d bytes", addr, n)
}

// decodeStructs reads header and descriptors.
func (p *Plan) decodeStructs(img *image.Image) error {
	h := &p.Header
	mem, err := initial(img, 0, HeaderBytes)
	if err != nil {
		return err
	}
	if err := Decode(mem, h); err != nil {
		return err
	}
	if h.Magic != Magic {
		return fmt.Errorf("header: magic: got %#x, want %#x", h.Magic, uint32(Magic))
	}
	if h.Layers < 1 || h.Layers > MaxLayers {
		return fmt.Errorf("header: layers: got %d, want 1..%d", h.Layers, MaxLayers)
	}
	if h.XMemBytes > img.XMemBytes {
		return fmt.Errorf("header: external memory: got %d bytes, want at most %d, the image's", h.XMemBytes, img.XMemBytes)
	}
	table, err := initial(img, h.LayerTable, int(h.Layers)*LayerBytes)
	if err != nil {
		return fmt.Errorf("layer table: %w", err)
	}
	p.Layers = make([]Layer, h.Layers+1)
	for i := 1; i < len(p.Layers); i++ {
		if err := Decode(table[(i-1)*LayerBytes:], &p.Layers[i]); err != nil {
			return fmt.Errorf("layer %d: %w", i, err)
		}
	}
	return nil
}

// inside tells whether count pieces of size bytes at addr lie in the plan's external memory.
func (p *Plan) inside(what string, addr uint32, count, size uint64) error {
	// Counts are below 2^32 and sizes below 2^20, so the product does not wrap.
	if end := uint64(addr) + count*size; end > uint64(p.Header.XMemBytes) {
		return fmt.Errorf("%s: got end %#x, want at most %#x", what, end, p.Header.XMemBytes)
	}
	return nil
}

func (p *Plan) checkHeader() error {
	h := &p.Header
	if h.Rule > ruleBDFA || h.SRAM > 1 {
		return fmt.Errorf("rule and feedback: got %d and %d, want at most %d and 1", h.Rule, h.SRAM, ruleBDFA)
	}
	if h.Batch < 1 || h.Batch > MaxBatch {
		return fmt.Errorf("batch: got %d, want 1..%d", h.Batch, MaxBatch)
	}
	return p.inside("results", h.Results, uint64(h.Epochs), RecordBytes)
}

// checkLayer checks the sizes and the addresses that the readers use.
func (p *Plan) checkLayer(i int) error {
	d := &p.Layers[i]
	in := p.Header.Inputs
	if i > 1 {
		in = p.Layers[i-1].NOut
	}
	if d.NIn != in {
		return fmt.Errorf("inputs: got %d, want %d, the neurons below", d.NIn, in)
	}
	for _, n := range []uint32{d.NIn, d.NOut} {
		if n < 1 || n > 1<<20 {
			return fmt.Errorf("size: got %d, want 1..%d", n, 1<<20)
		}
	}
	padded := uint64(padTo(int(d.NOut), blockSide))
	blocks := padded / blockSide * uint64(ceilDiv(int(d.NIn), blockSide))
	for _, err := range []error{
		p.inside("weights", d.Weights, blocks, weightBlock),
		p.inside("velocities", d.Velocities, blocks, velBlock),
		p.inside("biases", d.Biases, padded, biasBytes),
		p.inside("bias velocities", d.BiasVelocities, padded, velBytes),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
