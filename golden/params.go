package golden

import "fmt"

// Param is one parameter array of a network. Value, Velocity and Grad are the
// network's own memory; Velocity and Grad are nil for the running statistics of
// batch norm, which are no parameters but belong to a saved network.
type Param struct {
	Name     string // conv1.weight, conv1.bias, bn1.gamma, bn1.beta, bn1.mean, bn1.var, ..., fc1.weight, ...
	Value    []float64
	Velocity []float64
	Grad     []float64 // of the last pass, E3
}

// Params lists everything that training changes, from the input to the output.
func (n *Network) Params() []Param {
	var all []Param
	for _, l := range n.Layers[1:] {
		all = append(all, Param{l.Name + ".weight", l.W.Data, l.V.Data, l.G.Data})
		if l.B != nil {
			all = append(all, Param{l.Name + ".bias", l.B, l.VB, l.GB})
		}
		for _, p := range l.post {
			if b, ok := p.(*batchNorm); ok {
				all = append(all,
					Param{b.name + ".gamma", b.gamma, b.vGamma, b.gGamma},
					Param{b.name + ".beta", b.beta, b.vBeta, b.gBeta},
					Param{b.name + ".mean", b.runMean, nil, nil},
					Param{b.name + ".var", b.runVar, nil, nil})
			}
		}
	}
	return all
}

// State points to all that later steps of a network of the same configuration depend on.
func (n *Network) State() []any {
	all := []any{&n.steps}
	for _, p := range n.Params() {
		all = append(all, &p.Value, &p.Velocity)
	}
	return all
}

// Param returns the parameter of a name.
func (n *Network) Param(name string) (Param, error) {
	for _, p := range n.Params() {
		if p.Name == name {
			return p, nil
		}
	}
	return Param{}, fmt.Errorf("golden: parameter: got %q, want one of Params, such as %s.weight", name, n.Layers[1].Name)
}

// SetMasks gives the dropouts their masks, elements 0 or 1/(1-rate), one
// sample a row (channels, rows, columns), in the order of the description; nil
// draws them again. They hold until the next call, for batches of their size alone.
func (n *Network) SetMasks(masks [][]float64) error {
	if masks == nil {
		masks = make([][]float64, len(n.dropouts))
	}
	if len(masks) != len(n.dropouts) {
		return fmt.Errorf("golden: masks: got %d, want %d, one a dropout", len(masks), len(n.dropouts))
	}
	for i, d := range n.dropouts {
		if len(masks[i])%d.d.In.Size() != 0 {
			return fmt.Errorf("golden: mask %d: got %d elements, want a multiple of %d", i, len(masks[i]), d.d.In.Size())
		}
		d.given = masks[i]
	}
	return nil
}
