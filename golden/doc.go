// Package golden is the float64 model of the learning rules: networks of convolutions and fully
// connected layers with softmax cross-entropy, trained by momentum SGD. It knows nothing about the
// chip; tests elsewhere compare the two.
//
// Notation, throughout: weighted layers 1..L, convolutions and FC layers alike; a_i the
// pre-activation, o_i = f(a_i), o_0 the input, W_i is N_i x N_{i-1} (a convolution's: output
// channels x fan-in), e_i = dLoss/da_i of one sample. f is everything between two weighted layers:
// batch norm, activation, dropout, pooling; f' its Jacobian, transposed. C is the number of
// convolutions, so FC layers are C+1..L.
//
//	E1  a_i = W_i o_{i-1} + b_i, o_i = f(a_i), e_L = softmax(a_L) - y
//	E2  bp         e_i = (W_{i+1}^T e_{i+1}) .* f'(a_i)
//	E3  G_i = sum over the batch of e_i o_{i-1}^T, divided after the sum
//	E4  V_i <- mu V_i + G_i + lambda W_i, W_i <- W_i - eta V_i (lambda on weights only)
//	E5  fa         e_i = (R_{i+1}^T e_{i+1}) .* f'(a_i), R fixed
//	E6  dfa        e_i = (D_i^T e_L) .* f'(a_i), D_i is N_L x N_i, fixed
//	E7             D_i = W_L ... W_{i+1}, taken once before training, i >= C
//	E9  bdfa       as E6 with s_i sign(D_i), sign(0) = +1, s_i the feedback scale
//	    cdfa       E6 for i > C, E2 for i < C; at the boundary o_C gets D_C^T e_L
//	               (direct) or W_{C+1}^T e_{C+1} (via-w1)
//	    cbdfa      the same with E9
//	    dfa-all    E6 in every layer, convolutions too
//	    conv-only  E2, but only convolutions are updated
//	    frozen     E2, no update
//	    usf, brsf, frsf   E5 with R_i = s_i M_i .* sign(W_i); M is 1, redrawn
//	               in every step, or drawn once
//	    error-sign-dfa    cdfa with sign(e_L) for e_L
//	    drtp       cdfa with -y (one-hot) for e_L
//
// E5 is Lillicrap et al. 2016 (doi 10.1038/ncomms13276), E6 Nokland 2016 (arXiv 1609.01596); the f'
// of layer i+1 printed in some papers is a misprint: sizes fit only with a_i. The files of the
// other rules cite their sources.
//
// Results depend on the configuration alone, not on the number of cores: products are chains of
// fused multiply-adds in a fixed order (golden/gemm), and all other work is split by sample, plane,
// channel or parameter, each handled whole by one worker. Workers split the loops within a step;
// after the first step of a batch size nothing is allocated.
//
// Network holds any description of firmware/net; Layers[i] has the arrays of layer i, 1..L, as the
// equations have them. Callers pass and receive one sample per row (channels, rows, columns);
// inside, planes lie channel by channel over the batch (layout.go).
//
// Reading order: config.go, network.go, pass.go, step.go, layer.go, then rule.go (all rules) with
// signsym.go; feedback.go (Eq. 7, scales, what is given), lfsr.go, concordant.go; the layers fc.go,
// conv.go with columns.go, batchnorm.go, activation.go, dropout.go, pooling.go, layout.go;
// align.go, metrics.go, params.go. golden/vectors holds the expected values, golden/data the
// training data.
package golden
