package golden

import "fmt"

// Accuracy returns the fraction (0..1) of samples of x classified as y, any
// number of them.
func (n *Network) Accuracy(x []float64, y []int) (float64, error) {
	const chunk = 128 // bounds the buffers, not the result
	in, correct := n.net.Input.Size(), 0
	if len(y) == 0 {
		return 0, fmt.Errorf("golden: accuracy: got no samples, want at least one")
	}
	if len(x) != len(y)*in {
		return 0, fmt.Errorf("golden: accuracy: got %d input values, want %d (%d labels, %d inputs each)", len(x), len(y)*in, len(y), in)
	}
	for at := 0; at < len(y); at += chunk {
		end := min(at+chunk, len(y))
		logits, err := n.Forward(x[at*in : end*in])
		if err != nil {
			return 0, err
		}
		for r, c := range y[at:end] {
			if c < 0 || c >= n.net.Classes {
				return 0, fmt.Errorf("golden: label %d: got class %d, want 0..%d", at+r, c, n.net.Classes-1)
			}
			if leads(logits.Row(r), c) {
				correct++
			}
		}
	}
	return float64(correct) / float64(len(y)), nil
}
