package sample

import (
	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
)

// Products are multiplications of the MAC array, a lane each.
type Products struct {
	Done  int // of operands that are not zero
	Dense int // if no zero were skipped
}

func (p *Products) add(o Products) {
	p.Done += o.Done
	p.Dense += o.Dense
}

// lanes of the array work for n channels or neurons: whole groups.
func (p *Products) lanes(n, done, dense int) {
	wide := (n + 15) &^ 15
	p.Done += wide * done
	p.Dense += wide * dense
}

// stepProducts are those of a training step: sums, gradients, and the errors that the array makes.
// They do not depend on time, so the model knows them of every step.
func stepProducts(plan *compile.Plan, work []qmodel.Work) Products {
	p := testProducts(plan, work)
	s, top := plan.Spec(), len(plan.Layers)-1
	for i := 1; i <= top; i++ {
		l, w := &plan.Layers[i], &work[i]
		if l.Conv && i > 1 {
			p.lanes(l.InC, w.Errors, w.AllErrors)
		}
		if !l.Conv && s.Rule == compile.ConvOnly {
			continue
		}
		p.lanes(l.OutC, w.Forward, w.AllForward)
		if l.Bias {
			p.lanes(l.OutC, w.Places, w.Places)
		}
	}
	if s.Arm != compile.ArmDNNC {
		return p
	}
	for i := max(1, plan.Convs()); i < top; i++ {
		from := i + 1
		if s.Rule == compile.DFA {
			from = top
		}
		p.lanes(plan.Layers[i].ChipOutputs(), work[from].Errors, work[from].AllErrors)
	}
	return p
}

// testProducts are those of a batch of the test set: the sums alone.
func testProducts(plan *compile.Plan, work []qmodel.Work) (p Products) {
	for i := 1; i < len(plan.Layers); i++ {
		p.lanes(plan.Layers[i].OutC, work[i].Forward, work[i].AllForward)
	}
	return p
}

// updates is how many numbers a step updates.
func updates(plan *compile.Plan) (n int) {
	for i := 1; i < len(plan.Layers); i++ {
		l := &plan.Layers[i]
		if !l.Conv && plan.Spec().Rule == compile.ConvOnly {
			continue
		}
		n += l.WeightCount()
		if l.Bias {
			n += l.OutC
		}
		if l.BN {
			n += 2 * l.OutC
		}
	}
	return n
}
