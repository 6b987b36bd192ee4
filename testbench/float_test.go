package testbench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden"
	"bdfasim/rtl/epc"
	"bdfasim/testbench/lockstep"
)

// floatRun compares one training step of a compiled program with the float model that starts from the same integers.
//
// Every tensor is compared with a bound of its own, for each element: the rounding that makes this tensor, plus what its
// operands were measured to be off, times the weights that they go through. So each bound follows from the formats alone,
// whatever the layers below did, and a chip that rounds as docs/arithmetic.md says cannot pass it. Where a maximum of the
// pooling or f' falls differently in the two models, because two values lie within their errors, the error of that element
// is not compared, and counted as a flip: no precision can tell.
type floatRun struct {
	t       *testing.T
	c       *lockstep.Lockstep
	f       *golden.Network
	x       []float64 // channels, rows, columns
	y       []int
	dropout bool // the tensors of the forward pass cannot be had with dropout: prefix rests it
	stats   [][2][]float64
	errs    map[string]*floatError
	flips   int
	clips   int // values of the float model that 16 bits do not hold

	dz, do, de, dd []float64   // largest error of z_i, o_i, e_i, d_i as real numbers
	of             [][]float64 // o_i of the float model
	norm           []normError
}

// normError is what the normalisation of a layer was off, by channel.
type normError struct {
	sigma, dz, xhat, dx []float64 // deviation, errors of z, largest xhat, error of xhat
	values              []float64 // xhat of every element
}

// floatError sums up how far a kind of tensor lies from the float model, in units of its last place.
type floatError struct {
	N     int
	Sum   float64 // of the absolute differences
	Max   float64
	Where string // of the largest
}

// mean is the mean absolute difference.
func (e *floatError) mean() float64 { return e.Sum / float64(max(e.N, 1)) }

// see compares a tensor with frac fraction bits, in units of its last place; bound tells what an element may be off, negative
// that it is not compared. What does not fit into 16 bits has to be clipped. It returns the largest difference as a real
// number, which goes into the bounds of what is made from the tensor: those of clips and flips as well.
func (r *floatRun) see(kind, what string, got []int16, want []float64, frac int, bound func(k int) float64) (worst float64) {
	r.t.Helper()
	e := r.errs[kind]
	if e == nil {
		e = &floatError{}
		r.errs[kind] = e
	}
	require.Len(r.t, got, len(want), what)
	for k, g := range got {
		d := math.Abs(math.Ldexp(float64(g), -frac) - want[k])
		worst = max(worst, d)
		clipped := max(-1<<15, min(1<<15-1, math.Ldexp(want[k], frac)))
		if clipped != math.Ldexp(want[k], frac) {
			r.clips++
		}
		lsb := math.Abs(float64(g) - clipped)
		if limit := bound(k); limit < 0 {
			continue
		} else if lsb > limit+1e-6 {
			r.t.Errorf("%s[%d]: chip %d, float %.3f: %.3f units of the last place apart, want at most %.3f", what, k, g, math.Ldexp(want[k], frac), lsb, limit)
			return worst
		}
		e.N, e.Sum = e.N+1, e.Sum+lsb
		if lsb > e.Max {
			e.Max, e.Where = lsb, fmt.Sprintf("%s[%d]", what, k)
		}
	}
	return worst
}

func constant(v float64) func(int) float64 { return func(int) float64 { return v } }

// planes brings a chip's map, pixel after pixel with padded channels, into the order of the float model.
func planes[T any](m []T, nb, h, w, c, padded int) []T {
	out := make([]T, nb*c*h*w)
	for b := range nb {
		for px := range h * w {
			for ch := range c {
				out[(b*c+ch)*h*w+px] = m[(b*h*w+px)*padded+ch]
			}
		}
	}
	return out
}

func pad16(n int) int { return (n + 15) &^ 15 }

// mapOf is planes of a map o_i or d_i: only the last convolution's has padded channels in the fixed-point model.
func (r *floatRun) mapOf(i int, m []int16) []int16 {
	l, padded := &r.c.Plan.Layers[i], r.c.Plan.Layers[i].OutC
	if i == r.c.Plan.Convs() {
		padded = pad16(padded)
	}
	return planes(m, r.c.Model.Batch, l.H, l.W, l.OutC, padded)
}

// layerZ is planes of a tensor of z's shape.
func layerZ[T any](r *floatRun, i int, m []T) []T {
	l := &r.c.Plan.Layers[i]
	return planes(m, r.c.Model.Batch, l.X, l.Y, l.OutC, l.OutC)
}

// column is where the float model has input c of weight tap t of layer i: conv in x ky x kx, the first fully connected
// layer channel by channel; -1 for a padded channel.
func (r *floatRun) column(i, t, c int) int {
	p := r.c.Plan
	l := &p.Layers[i]
	if l.Conv {
		return c*l.Kernel*l.Kernel + t
	}
	if k := p.Convs(); i == k+1 && k > 0 {
		low := &p.Layers[k]
		ch, px := c%pad16(low.OutC), c/pad16(low.OutC)
		if ch >= low.OutC {
			return -1
		}
		return ch*low.H*low.W + px
	}
	return c
}

// weights brings W_i or G_i from [tap][output][input] into the float model's order.
func weights[T any](r *floatRun, i int, w []T) []T {
	l, cols := &r.c.Plan.Layers[i], r.f.Layers[i].W.Cols
	out := make([]T, l.OutC*cols)
	for k, v := range w {
		t, j, c := k/(l.OutC*l.InC), k/l.InC%l.OutC, k%l.InC
		if at := r.column(i, t, c); at >= 0 {
			out[j*cols+at] = v
		}
	}
	return out
}

// newFloatRun runs one step on the chip in lock-step and leaves the float model before that step.
func newFloatRun(t *testing.T, j job) *floatRun {
	j.epochs, j.test, j.samples = 1, 0, j.batch
	s, err := j.spec(5)
	require.NoError(t, err)
	c, _, err := start(s, j.config())
	require.NoError(t, err)
	r := &floatRun{t: t, c: c, errs: map[string]*floatError{}}
	n := len(c.Plan.Layers)
	r.dz, r.do, r.de, r.dd = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	r.of, r.norm = make([][]float64, n), make([]normError, n)
	cfg := golden.NetConfig{
		Rule: j.rule, MeanOver: 32, Momentum: float64(c.Plan.Header.Mu) / 65536, Decay: float64(c.Plan.Header.Lambda) / 65536,
	}
	if j.rule == compile.DFA || j.rule == compile.BDFA {
		cfg.Rule, cfg.Feedback, cfg.Given = "c"+j.rule, golden.Given, r.feedback(&s)
	}
	r.f, err = golden.Build(j.net, cfg)
	require.NoError(t, err)
	if j.rule == compile.BDFA {
		for i := range r.f.D {
			for k := range r.f.D[i].Data {
				r.f.D[i].Data[k] = math.Ldexp(r.f.D[i].Data[k], -c.Plan.Layers[i].FBShift)
			}
		}
	}
	for i := 1; i < n; i++ {
		l, layer := &c.Plan.Layers[i], r.f.Layers[i]
		scaleInto(layer.W.Data, weights(r, i, c.Model.W[i]), l.Fw)
		if layer.B != nil {
			scaleInto(layer.B, c.Model.B[i], r.fo(i-1)+l.Fw)
		}
		r.dropout = r.dropout || l.Drop
	}
	in := j.net.Input
	images := s.Train.Images
	if !in.Flat() {
		images = planes(images, j.batch, in.Height, in.Width, in.Channels, in.Channels)
	}
	for _, v := range images {
		r.x = append(r.x, float64(v)/256)
	}
	for _, v := range s.Train.Labels {
		r.y = append(r.y, int(v))
	}
	require.NoError(t, c.Run(context.Background(), 50_000_000))
	return r
}

// feedback is the chip's D_i as the float model wants it: signs, or 16-bit numbers.
func (r *floatRun) feedback(s *compile.Spec) []golden.Mat {
	p := r.c.Plan
	top := len(p.Layers) - 1
	classes, given := p.Layers[top].OutC, make([]golden.Mat, top)
	for i := max(p.Convs(), 1); i < top; i++ {
		l := &p.Layers[i]
		given[i] = golden.NewMat(classes, l.Outputs())
		var d []int16
		if s.Rule == compile.DFA {
			d = p.Feedback(r.c.Chip.XMemory(), i)
		}
		for n := range l.ChipOutputs() {
			at := n
			if l.Conv {
				ch, px := n%pad16(l.OutC), n/pad16(l.OutC)
				if ch >= l.OutC {
					continue
				}
				at = ch*l.H*l.W + px
			}
			for k := range classes {
				if s.Rule == compile.DFA {
					given[i].Data[k*l.Outputs()+at] = math.Ldexp(float64(d[k*l.ChipOutputs()+n]), -l.Fb)
				} else {
					given[i].Data[k*l.Outputs()+at] = float64(r.c.Model.FeedbackBits(i)[n][k])
				}
			}
		}
	}
	return given
}

func (r *floatRun) fo(i int) int {
	if i == 0 {
		return 8
	}
	return r.c.Plan.Layers[i].Fo
}

func scaleInto[T int16 | int32](dst []float64, src []T, frac int) {
	for k, v := range src {
		dst[k] = math.Ldexp(float64(v), -frac)
	}
}

// prefix returns what the float network has behind its first lines, one sample a row: the lines with an fc of ones on the
// diagonal on top. The normalisations take the statistics of the batch that were found on the way.
func (r *floatRun) prefix(lines int) []float64 {
	n := &net.Net{Input: r.f.Net().Input, Layers: slices.Clone(r.f.Net().Layers[:lines])}
	if !n.Top().Flat() {
		require.NoError(r.t, n.Append(net.Layer{Type: net.Flatten}))
	}
	n.Classes = n.Top().Size()
	require.NoError(r.t, n.Append(net.Layer{Type: net.FC, Out: n.Classes}))
	f, err := golden.Build(n, golden.NetConfig{Rule: "bp"})
	require.NoError(r.t, err)
	for i := 1; i < f.L; i++ {
		copy(f.Layers[i].W.Data, r.f.Layers[i].W.Data)
		copy(f.Layers[i].B, r.f.Layers[i].B)
	}
	clear(f.Layers[f.L].W.Data)
	for k := range n.Classes {
		f.Layers[f.L].W.Data[k*n.Classes+k] = 1
	}
	for k, s := range r.stats {
		for j, name := range []string{"mean", "var"} {
			if p, err := f.Param(fmt.Sprintf("bn%d.%s", k+1, name)); err == nil {
				copy(p.Value, s[j])
			}
		}
	}
	out, err := f.Forward(r.x)
	require.NoError(r.t, err)
	return slices.Clone(out.Data)
}

// widest is the largest sum of the absolute weights of an output: what an error of 1 in all inputs can add up to.
func widest(w golden.Mat) float64 {
	most := 0.0
	for j := range w.Rows {
		sum := 0.0
		for _, v := range w.Data[j*w.Cols : (j+1)*w.Cols] {
			sum += math.Abs(v)
		}
		most = max(most, sum)
	}
	return most
}

// forward compares z, o and the logits. A sum of products is exact; z is rounded once: half a unit.
func (r *floatRun) forward() {
	p, m := r.c.Plan, r.c.Model
	top := len(p.Layers) - 1
	for i := 1; i <= top; i++ {
		l := &p.Layers[i]
		require.Zero(r.t, m.Stats.Z[i].Sat, "a value of layer %d clips", i)
		through := widest(r.f.Layers[i].W) * r.do[i-1]
		behind := len(r.f.Net().Layers)
		if i < top {
			behind = p.Layers[i+1].At
		}
		r.of[i] = r.prefix(behind)
		half := func(frac int) func(int) float64 { return constant(0.5 + math.Ldexp(through, frac)) }
		switch {
		case i == top:
			r.do[i] = r.see("logits", l.Name+".a", m.A, r.of[i], l.Fo, half(l.Fo))
		case !l.Conv:
			r.do[i] = r.see("o", l.Name+".o", m.O[i], r.of[i], l.Fo, half(l.Fo))
		default:
			zf := r.prefix(l.At + 1)
			r.dz[i] = r.see("z", l.Name+".z", layerZ(r, i, m.Z[i]), zf, l.Fz, half(l.Fz))
			bound := half(l.Fo) // the maximum of a window is off by no more than its elements
			if l.BN {
				bound = r.normalised(i, zf)
				r.of[i] = r.prefix(behind)
			}
			r.do[i] = r.see("o", l.Name+".o", r.mapOf(i, m.O[i]), r.of[i], l.Fo, bound)
		}
	}
}

// rsqrtError bounds the relative error of section 8's reciprocal root: the table's entries lie within 0.5/64 of their
// arguments, half of that in the root; the Newton step makes 1.5 times the square of it; the shifts drop 2 units of 2^-16.
const rsqrtError = 1.5*(0.25/64)*(0.25/64) + 2.0/65536

// normalised finds the batch's statistics and bounds the error of o: z off by d moves the mean by d, the deviation by d, so
// xhat by (2 + abs(xhat)) d / sigma; the mean is rounded to 2^-8 units of z, xhat to 2^-12, and o once more.
func (r *floatRun) normalised(i int, zf []float64) func(k int) float64 {
	l, nb := &r.c.Plan.Layers[i], r.c.Model.Batch
	size := l.X * l.Y
	zc := layerZ(r, i, r.c.Model.Z[i])
	n := normError{make([]float64, l.OutC), make([]float64, l.OutC), make([]float64, l.OutC), make([]float64, l.OutC), make([]float64, len(zf))}
	mean, variance := make([]float64, l.OutC), make([]float64, l.OutC)
	each := func(c int, visit func(k int)) {
		for b := range nb {
			for px := range size {
				visit((b*l.OutC+c)*size + px)
			}
		}
	}
	count := float64(nb * size)
	for c := range l.OutC {
		each(c, func(k int) { mean[c] += zf[k] / count })
		each(c, func(k int) {
			variance[c] += (zf[k] - mean[c]) * (zf[k] - mean[c]) / count
			n.dz[c] = max(n.dz[c], math.Abs(math.Ldexp(float64(zc[k]), -l.Fz)-zf[k]))
		})
		n.sigma[c] = math.Sqrt(variance[c] + 1e-5)
		each(c, func(k int) {
			n.values[k] = (zf[k] - mean[c]) / n.sigma[c]
			n.xhat[c] = max(n.xhat[c], math.Abs(n.values[k]))
		})
		require.Less(r.t, n.dz[c], n.sigma[c]/2, "%s: channel %d varies by less than the rounding", l.Name, c)
		n.dx[c] = ((2+n.xhat[c])*n.dz[c]+math.Ldexp(1, -l.Fz-9))/(n.sigma[c]-n.dz[c]) + rsqrtError*n.xhat[c] + math.Ldexp(1, -13)
	}
	r.stats = append(r.stats, [2][]float64{mean, variance})
	r.norm[i] = n
	return func(k int) float64 { return 0.5 + math.Ldexp(n.dx[k/(l.H*l.W)%l.OutC], l.Fo) }
}

func TestFloatError(t *testing.T) {
	mlp, err := net.MLP(net.ReLU, 100, 70, 30, 10)
	require.NoError(t, err)
	drop, err := net.Parse([]byte("name: drop\ninput: {size: 90}\nclasses: 7\nlayers: [fc: {out: 80}, relu, dropout: {rate: 0.5}, fc: {out: 40}, relu, fc: {out: 7}]"), "drop")
	require.NoError(t, err)
	deep, err := net.Parse([]byte("name: norm\ninput: {channels: 3, height: 9, width: 8}\nclasses: 6\nlayers: [conv: {out: 10, kernel: 3, pad: 1, bias: false}, bn, relu, maxpool: {kernel: 2}, conv: {out: 20, kernel: 3, stride: 2, pad: 1, bias: false}, bn, relu, flatten, fc: {out: 30}, relu, fc: {out: 6}]"), "norm")
	require.NoError(t, err)
	plain, err := net.Parse([]byte("name: plain\ninput: {channels: 3, height: 10, width: 8}\nclasses: 6\nlayers: [conv: {out: 10, kernel: 3}, relu, maxpool: {kernel: 2}, conv: {out: 20, kernel: 2, stride: 2, pad: 1}, relu, flatten, fc: {out: 30}, relu, fc: {out: 6}]"), "plain")
	require.NoError(t, err)
	even := described(t, "{channels: 3, height: 8, width: 9}", "conv: {out: 10, kernel: 3, pad: 1, bias: false}, bn, relu, "+
		"maxpool: {kernel: 2}, flatten, fc: {out: 30}, relu, fc: {out: 5}")
	for _, j := range []job{
		{net: mlp, rule: compile.BP}, {net: mlp, rule: compile.BDFA}, {net: mlp, rule: compile.DFA}, {net: drop, rule: compile.BP},
		{net: plain, rule: compile.BP}, {net: plain, rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree}, {net: plain, rule: compile.BDFA},
		{net: deep, rule: compile.BP}, {net: deep, rule: compile.BDFA}, {net: deep, rule: compile.DFA}, {net: deep, rule: compile.ConvOnly},
		{net: mlp, rule: compile.BP, batch: 100}, {net: drop, rule: compile.BDFA, batch: 64}, {net: plain, rule: compile.BP, batch: 50},
		{net: even, rule: compile.BP, batch: 70},
	} {
		j.batch = cmp.Or(j.batch, 32)
		t.Run(j.String(), func(t *testing.T) {
			r := newFloatRun(t, j)
			if !r.dropout {
				r.forward()
			}
			r.backward()
			for _, kind := range []string{"z", "o", "logits", "d", "e", "g", "W"} {
				if e := r.errs[kind]; e != nil {
					t.Logf("%-6s mean %8.4f, largest %9.3f units of the last place (%s)", kind, e.mean(), e.Max, e.Where)
				}
			}
			t.Logf("%d flips, %d clips", r.flips, r.clips)
		})
	}
}
