package golden

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
)

// Forward runs E1 on a batch x (batch x N_0, row-major) and returns the logits
// a_L, a view that the next pass overwrites. A and O hold the layers.
func (m *MLP) Forward(x []float64) (Mat, error) {
	in := m.cfg.Sizes[0]
	if len(x) == 0 || len(x)%in != 0 {
		return Mat{}, fmt.Errorf("golden: forward: got %d input values, want a positive multiple of %d", len(x), in)
	}
	m.resize(len(x) / in)
	m.O[0] = Mat{Rows: len(x) / in, Cols: in, Data: x}
	for i := 1; i <= m.L; i++ {
		affine(m.O[i-1], m.W[i], m.B[i], m.A[i])
		if i < m.L {
			for k, a := range m.A[i].Data {
				m.O[i].Data[k] = m.act.f(a)
			}
		}
	}
	return m.A[m.L], nil
}

// affine computes a = o W^T + b, a sample a row.
func affine(o, w Mat, b []float64, a Mat) {
	mul(blas.NoTrans, blas.Trans, o, w, a)
	for r := range a.Rows {
		for j, v := range b {
			a.Row(r)[j] += v
		}
	}
}

// Errors runs Forward and then the rule: E[L] down to E[1] hold the errors of
// each sample. With input, E[0] holds the error at o_0 (no f'), which a
// network below would receive.
func (m *MLP) Errors(x []float64, y []int, input bool) (Stats, error) {
	s, err := m.evaluate(x, y)
	if err != nil {
		return s, err
	}
	m.backward()
	if !input {
		return s, nil
	}
	if len(m.D) > 0 && m.D[0].Empty() || len(m.R) > 1 && m.R[1].Empty() {
		return s, fmt.Errorf("golden: errors: rule %s was given no feedback matrix for the input", m.cfg.Rule)
	}
	m.E[0] = fit(m.E[0], m.A[1].Rows, m.cfg.Sizes[0])
	m.rule.teach(m, 0, m.E[0])
	return s, nil
}

// evaluate fills A, O and E[L].
func (m *MLP) evaluate(x []float64, y []int) (Stats, error) {
	if n := m.cfg.Sizes[0]; len(x) != len(y)*n {
		return Stats{}, fmt.Errorf("golden: batch: got %d input values, want %d (%d labels, %d inputs each)", len(x), len(y)*n, len(y), n)
	}
	for r, c := range y {
		if c < 0 || c >= m.cfg.Sizes[m.L] {
			return Stats{}, fmt.Errorf("golden: label %d: got class %d, want 0..%d", r, c, m.cfg.Sizes[m.L]-1)
		}
	}
	logits, err := m.Forward(x)
	if err != nil {
		return Stats{}, err
	}
	return softmaxCrossEntropy(logits, y, m.E[m.L]), nil
}

// backward fills E[L-1] down to E[1]: the rule's teaching signal at o_i, then f'.
func (m *MLP) backward() {
	for i := m.L - 1; i >= 1; i-- {
		m.rule.teach(m, i, m.E[i])
		for k, a := range m.A[i].Data {
			m.E[i].Data[k] *= m.act.df(a, m.O[i].Data[k])
		}
	}
}

// Gradients runs Errors and E3: G and GB are sums over the batch divided by
// its size or by Config.MeanOver. Weight decay is not in them.
func (m *MLP) Gradients(x []float64, y []int) (Stats, error) {
	s, err := m.Errors(x, y, false)
	if err != nil {
		return s, err
	}
	m.gradients()
	return s, nil
}

func (m *MLP) gradients() {
	n := float64(m.A[1].Rows)
	if m.cfg.MeanOver > 0 {
		n = float64(m.cfg.MeanOver)
	}
	for i := 1; i <= m.L; i++ {
		outer(m.E[i], m.O[i-1], m.G[i], m.GB[i])
		for k := range m.G[i].Data {
			m.G[i].Data[k] /= n
		}
		for k := range m.GB[i] {
			m.GB[i][k] /= n
		}
	}
}

// outer sums e o^T and e over the samples.
func outer(e, o, g Mat, gb []float64) {
	mul(blas.Trans, blas.NoTrans, e, o, g)
	clear(gb)
	for r := range e.Rows {
		for j, v := range e.Row(r) {
			gb[j] += v
		}
	}
}

// resize makes A, O and E fit a batch; it allocates only to grow.
func (m *MLP) resize(rows int) {
	for i := 1; i <= m.L; i++ {
		m.A[i] = fit(m.A[i], rows, m.cfg.Sizes[i])
		m.E[i] = fit(m.E[i], rows, m.cfg.Sizes[i])
		if i < m.L {
			m.O[i] = fit(m.O[i], rows, m.cfg.Sizes[i])
		}
	}
}

// fit returns a rows x cols matrix in m's memory if that is large enough.
func fit(m Mat, rows, cols int) Mat {
	if rows*cols > cap(m.Data) {
		return NewMat(rows, cols)
	}
	return Mat{Rows: rows, Cols: cols, Data: m.Data[:rows*cols]}
}

// Predict returns the class of each sample of x, the first of equal logits.
func (m *MLP) Predict(x []float64) ([]int, error) {
	logits, err := m.Forward(x)
	if err != nil {
		return nil, err
	}
	y := make([]int, logits.Rows)
	for r := range y {
		y[r] = argmax(logits.Row(r))
	}
	return y, nil
}

// Accuracy returns the fraction (0..1) of samples of x classified as y, any
// number of them.
func (m *MLP) Accuracy(x []float64, y []int) (float64, error) {
	const chunk = 128 // bounds the buffers, not the result
	n, correct := m.cfg.Sizes[0], 0
	if len(y) == 0 {
		return 0, fmt.Errorf("golden: accuracy: got no samples, want at least one")
	}
	if len(x) != len(y)*n {
		return 0, fmt.Errorf("golden: accuracy: got %d input values, want %d (%d labels, %d inputs each)", len(x), len(y)*n, len(y), n)
	}
	for at := 0; at < len(y); at += chunk {
		end := min(at+chunk, len(y))
		got, err := m.Predict(x[at*n : end*n])
		if err != nil {
			return 0, err
		}
		for k, c := range got {
			if c == y[at+k] {
				correct++
			}
		}
	}
	return float64(correct) / float64(len(y)), nil
}
