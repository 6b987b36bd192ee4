package golden

// Accuracy returns the fraction (0..1) of samples of x classified as y, any
// number of them.
func (n *Network) Accuracy(x []float64, y []int) (float64, error) {
	const chunk = 128 // bounds the buffers, not the result
	if err := n.checkBatch(x, y); err != nil {
		return 0, err
	}
	in, correct := n.net.Input.Size(), 0
	for at := 0; at < len(y); at += chunk {
		part := y[at:min(at+chunk, len(y))]
		logits := n.forward(x[at*in:(at+len(part))*in], len(part), evaluating)
		for r, c := range part {
			if Ahead(logits.Row(r), c) == 0 {
				correct++
			}
		}
	}
	return float64(correct) / float64(len(y)), nil
}
