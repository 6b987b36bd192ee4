package golden

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// rule is a learning rule: what a configuration may ask of it, where its fixed
// feedback comes from and how an error reaches a layer. Everything else is
// common to all.
type rule struct {
	feedbacks []Feedback // accepted; rules without any accept the default, which they do not look at
	scales    bool       // Scale means something
	binary    bool       // feedback is -1 or +1 times a scale
	boundary  bool       // Boundary means something
	fcOnly    bool       // for networks without convolutions
	direct    bool       // every signal comes through D

	// reset sets n.D, n.S or n.R from the configuration and the weights; nil for
	// rules without.
	reset func(n *Network, rng *rand.Rand) error
	// teach writes the teaching signal at o_i, before f', in the layout of o_i;
	// the errors of the layers above are there.
	teach func(n *Network, i int, dst []float64)
	// trains tells whether Step updates layer i; if not layer 1, then none. nil
	// is every layer.
	trains func(n *Network, i int) bool
}

var (
	random = []Feedback{Random}
	dense  = []Feedback{Random, Eq7, Given}
	signs  = []Feedback{Random, Eq9, LFSR, Given}
)

// rules holds every rule by its name in the configuration.
var rules = map[string]rule{
	// Back-propagation, E2; in convolutions with the kernel turned by 180 degrees.
	"bp": {feedbacks: random, teach: propagate},
	// bp that keeps every parameter at its initial value.
	"frozen": {feedbacks: random, teach: propagate, trains: func(*Network, int) bool { return false }},
	// bp of the convolutions, through FC layers that stay as they were drawn: the
	// control that shows what training the FC layers adds.
	"conv-only": {feedbacks: random, teach: propagate, trains: func(n *Network, i int) bool { return i <= n.convs }},
	// Feedback alignment, E5: bp through fixed matrices R.
	"fa": {feedbacks: []Feedback{Random, Given}, reset: resetR,
		teach: func(n *Network, i int, dst []float64) { n.through(i, n.R[i+1], dst) }},
	// Direct feedback alignment, E6: the output error reaches every layer through
	// a fixed matrix of its own.
	"dfa": {feedbacks: dense, scales: true, fcOnly: true, direct: true, reset: resetD, teach: sendError},
	// dfa of all layers, convolutions too, which fails to train deep ones: there
	// is no Eq. 7 across pooling.
	"dfa-all": {feedbacks: []Feedback{Random, Given}, scales: true, direct: true, teach: sendError,
		reset: func(n *Network, rng *rand.Rand) error { return n.drawD(rng, 0, 0) }},
	// dfa whose matrices are signs, one bit an element, times a scale per layer, E9.
	"bdfa": {feedbacks: signs, scales: true, binary: true, fcOnly: true, direct: true, reset: resetBits, teach: sendError},
	// The combined rules have bp in the convolutions and direct feedback in the FC
	// layers. The convolutions receive, at their flattened output, D^T e_L
	// (Direct) or W^T e of the first FC layer (ViaW1). Without convolutions they
	// are the direct rules.
	"cdfa":  {feedbacks: dense, scales: true, boundary: true, reset: resetD, teach: combined(sendError)},
	"cbdfa": {feedbacks: signs, scales: true, binary: true, boundary: true, reset: resetBits, teach: combined(sendError)},
	// Sources: Frenkel, Lefebvre, Bol 2021, doi 10.3389/fnins.2021.629892, section 2.1.
	"error-sign-dfa": {feedbacks: dense, scales: true, boundary: true, reset: resetD, teach: combined(sendSigns)},
	"drtp":           {feedbacks: dense, scales: true, boundary: true, reset: resetD, teach: combined(sendLabels)},
	"usf":            {feedbacks: random, scales: true, reset: resetSigns(unit), teach: sendThroughSigns(unit)},
	"brsf":           {feedbacks: random, scales: true, reset: resetSigns(perBatch), teach: sendThroughSigns(perBatch)},
	"frsf":           {feedbacks: random, scales: true, reset: resetSigns(fixed), teach: sendThroughSigns(fixed)},
}

// Rules lists the names of the rules, sorted.
func Rules() []string { return slices.Sorted(maps.Keys(rules)) }

func propagate(n *Network, i int, dst []float64) { n.through(i, n.Layers[i+1].W, dst) }

func sendError(n *Network, i int, dst []float64) { n.direct(i, n.Layers[n.L].e, dst) }

// sendSigns sends only the signs of the output error, sign(0) = +1.
func sendSigns(n *Network, i int, dst []float64) {
	e := n.Layers[n.L].e
	n.teacher = grow(n.teacher, len(e))
	for k, v := range e {
		n.teacher[k] = sign(v)
	}
	n.direct(i, n.teacher, dst)
}

// sendLabels is direct random target projection: the layers learn from the
// label alone, e_i = -(D_i^T y) .* f'(a_i), so they need not wait for the
// output. The minus is that of e_L = softmax - y, whose sign y stands for.
func sendLabels(n *Network, i int, dst []float64) {
	n.teacher = grow(n.teacher, n.batch*n.net.Classes)
	clear(n.teacher)
	for s, c := range n.labels {
		n.teacher[s*n.net.Classes+c] = -1
	}
	n.direct(i, n.teacher, dst)
}

// combined leaves the convolutions to bp.
func combined(direct func(*Network, int, []float64)) func(*Network, int, []float64) {
	return func(n *Network, i int, dst []float64) {
		if n.layerwise(i) {
			propagate(n, i, dst)
			return
		}
		direct(n, i, dst)
	}
}

// layerwise tells whether a combined rule takes the signal at o_i from the
// layer above.
func (n *Network) layerwise(i int) bool {
	return i < n.convs || i == n.convs && i > 0 && n.cfg.Boundary == ViaW1
}

// lowestD is the lowest layer whose D a combined rule reads.
func (n *Network) lowestD() int {
	if n.layerwise(n.convs) {
		return n.convs + 1
	}
	return n.convs
}

// trains tells whether Step updates layer i.
func (n *Network) trains(i int) bool { return n.rule.trains == nil || n.rule.trains(n, i) }
