package compile

import (
	"fmt"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
)

// Lower groups the lines of a description into the chip's layers: a convolution with its batch normalisation, ReLU and
// pooling, a fully connected layer with its ReLU and dropout. What the chip has no place for is an error that names the
// line.
func Lower(n *net.Net, f Formats) ([]Layer, error) {
	lo := lowering{net: n, f: f, layers: []Layer{{}}}
	for i := range n.Layers {
		if err := lo.line(i); err != nil {
			return nil, err
		}
	}
	if err := lo.close(len(n.Layers)); err != nil {
		return nil, err
	}
	if top := len(lo.layers) - 1; top > firmware.MaxLayers {
		return nil, fmt.Errorf("compile: %d weighted layers, want at most %d: marks hold no more", top, firmware.MaxLayers)
	}
	lo.layers[len(lo.layers)-1].Fe = topErrFrac
	return lo.layers, nil
}

// lowering is the state of Lower: the layer that is open takes the lines that follow it.
type lowering struct {
	net      *net.Net
	f        Formats
	layers   []Layer
	relu     bool // the open layer has its ReLU
	pooled   bool
	convs    int
	flatFrom net.Shape // of flatten, if it was seen
}

// refuse is an error at a line of the description.
func (lo *lowering) refuse(i int, format string, args ...any) error {
	return fmt.Errorf("compile: network %s: layers[%d].%s: %s", lo.net.Name, i, lo.net.Layers[i].Type, fmt.Sprintf(format, args...))
}

// open returns the layer that takes what follows, nil before the first.
func (lo *lowering) open() *Layer {
	if len(lo.layers) == 1 {
		return nil
	}
	return &lo.layers[len(lo.layers)-1]
}

func (lo *lowering) line(i int) error {
	d := &lo.net.Layers[i]
	at := lo.open()
	if at == nil && !d.Weighted() && d.Type != net.Flatten {
		return lo.refuse(i, "stands before the first weights, which the chip has no place for")
	}
	switch d.Type {
	case net.Conv, net.FC:
		return lo.weighted(i, d)
	case net.BN:
		if !at.Conv || lo.relu || lo.pooled {
			return lo.refuse(i, "the chip normalises between a convolution and its ReLU only")
		}
		if at.BN {
			return lo.refuse(i, "a second normalisation")
		}
		at.BN, at.Fz = true, lo.f.Fz
		at.Fe = lo.f.Fe
	case net.ReLU:
		if lo.relu {
			return lo.refuse(i, "a second ReLU")
		}
		lo.relu = true
	case net.MaxPool:
		return lo.pool(i, d, at)
	case net.Flatten:
		lo.flatFrom = d.In
	case net.Dropout:
		if at.Conv || !lo.relu {
			return lo.refuse(i, "the chip drops outputs of hidden fully connected layers, behind their ReLU, only")
		}
		if d.Rate != 0.5 && d.Rate != 0 {
			return lo.refuse(i, "rate: got %g, want 0.5: the chip doubles what it keeps by a shift", d.Rate)
		}
		at.Drop = d.Rate == 0.5
	default:
		return lo.refuse(i, "not on the chip; it has conv, bn, relu, maxpool, flatten, fc, dropout")
	}
	return nil
}

// close checks the layer that ends before line i.
func (lo *lowering) close(i int) error {
	at := lo.open()
	if at != nil && !lo.relu && i < len(lo.net.Layers) {
		return lo.refuse(i, "got %s without a ReLU before it, want one: hidden layers are gated by f'", lo.layers[len(lo.layers)-1].Name)
	}
	if at != nil && lo.relu && i == len(lo.net.Layers) {
		return lo.refuse(i-1, "stands behind the logits")
	}
	lo.relu, lo.pooled = false, false
	return nil
}

// weighted opens the layer of a convolution or of fully connected neurons.
func (lo *lowering) weighted(i int, d *net.Layer) error {
	if err := lo.close(i); err != nil {
		return err
	}
	below, conv := lo.open(), d.Type == net.Conv
	switch {
	case conv && below != nil && !below.Conv:
		return lo.refuse(i, "a convolution behind fully connected layers")
	case conv && d.Stride != 1 && d.Stride != 2 && d.Stride != 4:
		return lo.refuse(i, "stride: got %d, want 1, 2 or 4", d.Stride)
	case d.Kernel > 15:
		return lo.refuse(i, "kernel: got %d, want at most 15", d.Kernel)
	}
	l := Layer{
		At: i, Conv: conv, InC: d.In.Channels, InH: max(1, d.In.Height), InW: max(1, d.In.Width),
		OutC: d.Out, X: max(1, d.To.Height), Y: max(1, d.To.Width), Pool: 1,
		Kernel: max(1, d.Kernel), Stride: max(1, d.Stride), Pad: d.Pad,
		Bias: d.Bias, Scale: firmware.RateScale(d.RateScale()), Formats: lo.f,
	}
	l.H, l.W = l.X, l.Y
	if conv {
		lo.convs++
		l.Name = fmt.Sprintf("conv%d", lo.convs)
		l.Fe, l.Fz = lo.f.Fd, lo.f.Fo // until a normalisation comes
	} else {
		l.Name = fmt.Sprintf("fc%d", len(lo.layers)-lo.convs)
		l.Fe, l.Fz = min(lo.f.Fe, 13), 0
		if below == nil {
			l.flatC, l.flatH, l.flatW = lo.flatFrom.Channels, lo.flatFrom.Height, lo.flatFrom.Width
		} else if below.Conv {
			l.InC = below.mapElems()
			l.flatC, l.flatH, l.flatW = below.OutC, below.H, below.W
		}
	}
	lo.layers = append(lo.layers, l)
	return nil
}

func (lo *lowering) pool(i int, d *net.Layer, at *Layer) error {
	switch {
	case !at.Conv || !lo.relu || lo.pooled:
		return lo.refuse(i, "the chip pools once, behind the ReLU of a convolution")
	case d.Kernel != d.Stride:
		return lo.refuse(i, "stride: got %d, want %d, the kernel: windows that overlap are not on the chip", d.Stride, d.Kernel)
	case d.Kernel > 3:
		return lo.refuse(i, "kernel: got %d, want at most 3", d.Kernel)
	case d.Pad != 0:
		return lo.refuse(i, "pad: got %d, want 0", d.Pad)
	}
	lo.pooled = true
	at.Pool, at.H, at.W = d.Kernel, d.To.Height, d.To.Width
	return nil
}

// Fraction bits that the chip fixes.
const (
	topErrFrac = 14
	inputFrac  = 8
)
