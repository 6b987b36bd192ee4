package testbench

import (
	"math"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden"
)

// backward compares errors, gradients and the weights after the update.
func (r *floatRun) backward() {
	p, m := r.c.Plan, r.c.Model
	top := len(p.Layers) - 1
	if r.dropout {
		r.masks()
	}
	_, err := r.f.Gradients(r.x, r.y)
	require.NoError(r.t, err)
	want := func(i int) []float64 {
		e, err := r.f.Errors(i)
		require.NoError(r.t, err)
		return e.Data
	}
	// The softmax takes the exponent with 8 fraction bits: a probability is off by q (1 - q) ln 2 / 256, at most 11.1 units of
	// 2^-14; each of the C powers drops less than 2^-16: C/4; the quotient is rounded. An error d of all logits moves it by d/2.
	classes := float64(p.Layers[top].OutC)
	bound := 12 + classes/4 + math.Ldexp(r.do[top], 13)
	if r.dropout {
		bound += math.Ldexp(1, 14-8+2) // the logits are not compared: four units of their last place
	}
	r.de[top] = r.see("e", p.Layers[top].Name+".e", m.E[top], want(top), 14, constant(bound))
	for i := top - 1; i >= 1; i-- {
		l := &p.Layers[i]
		if l.Conv {
			r.convErrors(i, want(i))
			continue
		}
		ef := want(i)
		limit := 0.5 + math.Ldexp(r.taught(i), l.Fe)
		r.de[i] = r.see("e", l.Name+".e", m.E[i], ef, l.Fe, func(k int) float64 {
			if m.Mask[i][k] != r.open(i, k, ef[k]) {
				r.flips++
				return -1
			}
			return limit
		})
	}
	for i := 1; i <= top; i++ {
		r.gradient(i)
	}
	r.updates()
}

// open tells f' of the float model: by o_i, or where that was not had by the error itself.
func (r *floatRun) open(i, k int, e float64) bool {
	if r.of[i] == nil {
		return e != 0
	}
	return r.of[i][k] > 0
}

// masks gives the float model what the chip kept. What it dropped and what the ReLU cut are alike: both are zero.
func (r *floatRun) masks() {
	var all [][]float64
	for i := range r.c.Plan.Layers {
		if !r.c.Plan.Layers[i].Drop {
			continue
		}
		mask := make([]float64, len(r.c.Model.O[i]))
		for k, o := range r.c.Model.O[i] {
			if o != 0 {
				mask[k] = 2
			}
		}
		all = append(all, mask)
	}
	require.NoError(r.t, r.f.SetMasks(all))
}

// taught is how far the error that the rule sends to o_i may be off, as a real number, before its own rounding: what the
// errors that it comes from are off, times the largest sum of absolute weights on the way; twice that behind dropout.
func (r *floatRun) taught(i int) float64 {
	p := r.c.Plan
	rule, top := p.Spec().Rule, len(p.Layers)-1
	from, w := r.de[i+1], transposed(r.f.Layers[i+1].W)
	if direct := rule == compile.DFA || rule == compile.BDFA; direct && i >= p.Convs() {
		from, w = r.de[top], transposed(r.f.D[i])
	} else if l := &p.Layers[i+1]; l.Conv {
		w = byChannel(r.f.Layers[i+1].W, l.InC)
	}
	through := from * widest(w)
	if p.Layers[i].Drop {
		through *= 2
	}
	return through
}

func transposed(w golden.Mat) golden.Mat {
	t := golden.NewMat(w.Cols, w.Rows)
	for j := range w.Rows {
		for k := range w.Cols {
			t.Data[k*w.Rows+j] = w.Data[j*w.Cols+k]
		}
	}
	return t
}

// byChannel gathers all weights that an input channel of a convolution goes through.
func byChannel(w golden.Mat, channels int) golden.Mat {
	taps := w.Cols / channels
	t := golden.NewMat(channels, w.Rows*taps)
	for j := range w.Rows {
		for k := range w.Cols {
			t.Data[k/taps*t.Cols+j*taps+k%taps] = w.Data[j*w.Cols+k]
		}
	}
	return t
}

// convErrors compares d_i and e_i of a convolution.
func (r *floatRun) convErrors(i int, ef []float64) {
	l, m := &r.c.Plan.Layers[i], r.c.Model
	signal, err := r.f.Signal(i)
	require.NoError(r.t, err)
	df := signal.Data
	r.dd[i] = r.see("d", l.Name+".d", r.mapOf(i, m.D[i]), df, l.Fd, constant(0.5+math.Ldexp(r.taught(i), l.Fd)))
	ec := layerZ(r, i, m.E[i])
	if l.BN {
		hf := r.spread(i, df)
		r.de[i] = r.see("e", l.Name+".e", ec, ef, l.Fe, r.normalisedErrors(i, hf, ef))
		return
	}
	// e is d, put where the maximum was: where only one of the two models has something, it fell elsewhere.
	r.de[i] = r.see("e", l.Name+".e", ec, ef, l.Fe, func(k int) float64 {
		if (ec[k] == 0) != (ef[k] == 0) {
			r.flips++
			return -1
		}
		return math.Ldexp(r.dd[i], l.Fe)
	})
}

// spread puts the float model's d where its maxima are: h, in z's shape.
func (r *floatRun) spread(i int, df []float64) []float64 {
	l := &r.c.Plan.Layers[i]
	u := r.prefix(l.At + 3) // conv, bn, relu
	h := make([]float64, len(u))
	for k, d := range df {
		plane, y, x := k/(l.H*l.W), k/l.W%l.H, k%l.W
		best, at := 0.0, -1
		for n := range l.Pool * l.Pool {
			q := (plane*l.X+y*l.Pool+n/l.Pool)*l.Y + x*l.Pool + n%l.Pool
			if u[q] > best {
				best, at = u[q], q
			}
		}
		if at >= 0 {
			h[at] = d
		}
	}
	return h
}

// normalisedErrors bounds e = g (h - a1 - xhat a2), g = 1/sigma, a1 = mean(h), a2 = mean(h xhat): what h, xhat and g are off, and
// the roundings of a1, a2, xhat a2 and e.
func (r *floatRun) normalisedErrors(i int, hf, ef []float64) func(k int) float64 {
	l, n := &r.c.Plan.Layers[i], &r.norm[i]
	hc := layerZ(r, i, r.c.Model.H[i])
	size := l.X * l.Y
	count := float64(len(hf) / l.OutC)
	off := make([]float64, len(hf))
	meanOff, meanH := make([]float64, l.OutC), make([]float64, l.OutC)
	for k := range hf {
		c := k / size % l.OutC
		off[k] = math.Abs(math.Ldexp(float64(hc[k]), -l.Fd) - hf[k])
		if (hc[k] == 0) != (hf[k] == 0) {
			r.flips++
		}
		meanOff[c] += off[k] / count
		meanH[c] += math.Abs(hf[k]) / count
	}
	return func(k int) float64 {
		c := k / size % l.OutC
		x, dx, sigma, dz := n.xhat[c]+n.dx[c], n.dx[c], n.sigma[c], n.dz[c]
		a2off := x*meanOff[c] + dx*meanH[c] + math.Ldexp(1, -l.Fd-13)
		inner := off[k] + meanOff[c] + x*a2off + dx*x*meanH[c] + math.Ldexp(1, -l.Fd-8)
		return 0.5 + math.Ldexp(inner/(sigma-dz)+math.Abs(ef[k])*(dz/(sigma-dz)+rsqrtError+math.Ldexp(1, -15)), l.Fe)
	}
}

// gradient compares the mean of the gradient, in units of the velocity's last place: what e and o are off, summed over the
// batch and its pixels as they are multiplied.
func (r *floatRun) gradient(i int) {
	p, m := r.c.Plan, r.c.Model
	l, layer := &p.Layers[i], r.f.Layers[i]
	if p.Spec().Rule == compile.ConvOnly && !l.Conv {
		return
	}
	e, err := r.f.Errors(i)
	require.NoError(r.t, err)
	size, ec := 1, m.E[i]
	if l.Conv {
		size, ec = l.X*l.Y, layerZ(r, i, ec)
	}
	sumOff, sum := make([]float64, l.OutC), make([]float64, l.OutC)
	for k, v := range e.Data {
		j := k / size % l.OutC
		sumOff[j] += math.Abs(math.Ldexp(float64(ec[k]), -l.Fe) - v)
		sum[j] += math.Abs(v)
	}
	largest := 1.0 // a pixel
	if i > 1 {
		largest = 0
		for _, v := range m.O[i-1] {
			largest = max(largest, math.Ldexp(math.Abs(float64(v)), -r.fo(i-1)))
		}
	}
	got := weights(r, i, m.G[i])
	worst := &floatError{}
	if known := r.errs["g"]; known != nil {
		worst = known
	}
	r.errs["g"] = worst
	for k, g := range got {
		j := k / layer.W.Cols
		d := math.Abs(math.Ldexp(float64(g), -r.fo(i-1)-l.Fe-r.mean()) - layer.G.Data[k])
		if bound := math.Ldexp(sumOff[j]*largest+sum[j]*r.do[i-1], -r.mean()); !r.dropout && d > bound+1e-12 {
			r.t.Errorf("%s.g[%d]: %g off, want at most %g", l.Name, k, d, bound)
			return
		}
		lsb := math.Ldexp(d, l.Fv)
		worst.N, worst.Sum = worst.N+1, worst.Sum+lsb
		if lsb > worst.Max {
			worst.Max, worst.Where = lsb, l.Name
		}
	}
}

// mean is log2 of what sums over the batch are divided by.
func (r *floatRun) mean() int { return firmware.MeanShift(r.c.Model.Batch) }

// updates compares the weights after the step: stochastic rounding moves a weight by less than 1; the mean gradient and the
// decay are rounded to a unit of the velocity each by half, and eta times that and what the gradient is off comes on top.
func (r *floatRun) updates() {
	p := r.c.Plan
	h := &p.Header
	eta := float64(h.EtaAt(0, r.c.Model.Batch)) / 65536
	off := make([][]float64, len(p.Layers))
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		for k, g := range weights(r, i, r.c.Model.G[i]) {
			off[i] = append(off[i], math.Abs(math.Ldexp(float64(g), -r.fo(i-1)-l.Fe-r.mean())-r.f.Layers[i].G.Data[k]))
		}
	}
	_, err := r.f.Step(r.x, r.y, eta)
	require.NoError(r.t, err)
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		if p.Spec().Rule == compile.ConvOnly && !l.Conv {
			continue
		}
		got := weights(r, i, p.Weights(r.c.Chip.XMemory(), i))
		r.see("W", l.Name+".W", got, r.f.Layers[i].W.Data, l.Fw, func(k int) float64 {
			return 1 + math.Ldexp(eta*(off[i][k]+math.Ldexp(1, -l.Fv)), l.Fw)
		})
	}
}
