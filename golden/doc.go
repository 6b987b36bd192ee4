// Package golden is the float64 model of the learning rules: a multilayer
// perceptron with softmax cross-entropy, trained by momentum SGD under one of
// five rules. It knows nothing of the chip; tests elsewhere compare the two.
//
// Notation, throughout: layers 1..L, a_i the pre-activation, o_i = f(a_i),
// o_0 the input, W_i is N_i x N_{i-1}, e_i = dLoss/da_i of one sample.
//
//	E1  a_i = W_i o_{i-1} + b_i, o_i = f(a_i), e_L = softmax(a_L) - y
//	E2  bp      e_i = (W_{i+1}^T e_{i+1}) .* f'(a_i)
//	E3  G_i = sum over the batch of e_i o_{i-1}^T, divided after the sum
//	E4  V_i <- mu V_i + G_i + lambda W_i, W_i <- W_i - eta V_i (lambda on weights only)
//	E5  fa      e_i = (R_{i+1}^T e_{i+1}) .* f'(a_i), R fixed
//	E6  dfa     e_i = (D_i^T e_L) .* f'(a_i), D_i is N_L x N_i, fixed
//	E7          D_i = W_L ... W_{i+1}, taken once before training
//	E9  bdfa    as E6 with s_i sign(D_i), sign(0) = +1, s_i the feedback scale
//	    frozen  BP's errors, no update
//
// E5 is Lillicrap et al. 2016 (doi 10.1038/ncomms13276), E6 Nokland 2016
// (arXiv 1609.01596); the printed f' of layer i+1 in some papers is a
// misprint, sizes fit only with a_i.
//
// Slices follow the equations: W[i] belongs to layer i, so W[0] is empty;
// batches are row-major, one sample a row.
//
// Reading order: config.go, mlp.go, pass.go, step.go, then rule.go with one
// file a rule; feedback.go (Eq. 7 and scales), concordant.go, align.go.
// golden/vectors holds what the rules are checked against, golden/data what
// they learn from.
package golden
