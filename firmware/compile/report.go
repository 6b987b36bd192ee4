package compile

import (
	"slices"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// Usage is what a program takes of a memory of the chip. Part is empty in the row of a whole
// memory, which follows its parts and alone has a size.
type Usage struct {
	Memory, Part, Unit string
	Used, Size         int
}

// Usage lists the memories of the chip with what takes room in them. img is the program's image.
func (p *Plan) Usage(img *image.Image) []Usage {
	return slices.Concat(p.Chip, p.programUsage(img))
}

// programUsage lists the memories that hold a program and its variables.
func (p *Plan) programUsage(img *image.Image) []Usage {
	c := &p.spec.Machine
	end, _ := img.Symbol("SCRATCH_END")
	return []Usage{
		{"instruction memory", "", "bytes", len(img.Code) * isa.WordBytes, c.Seq.IMemBytes},
		{"scratch memory", "", "bytes", int(end.Value), c.Seq.ScratchBytes},
	}
}

// ErrorBuffer returns the layer with the most errors of a sample that the unit of the error path has to hold, and their
// number; none when the MAC array makes the errors.
func (p *Layout) ErrorBuffer() (layer string, errors int) {
	s := p.spec
	if s.Arm == ArmDNNC {
		return "", 0
	}
	for i := p.firstError() + 1; i <= s.top(); i++ {
		if l := &p.Layers[i]; l.OutC > errors && (!s.direct() || i == s.top()) {
			layer, errors = l.Name, l.OutC
		}
	}
	return layer, errors
}
