package experiment

// Trainer is a network in training, under one rule. Its methods are called
// from one goroutine and should use only that one. x is batch x Shape.Size(),
// row-major, y a class a sample.
type Trainer interface {
	// Step trains on one batch. loss is the mean cross-entropy in nats, correct
	// the number of samples classified right, both before the update.
	Step(x []float64, y []int, lr float64) (loss float64, correct int, err error)
	// Evaluate classifies without training: the number of samples right, of
	// those with the label among the k largest outputs, and the mean loss.
	Evaluate(x []float64, y []int, k int) (correct, correctK int, loss float64, err error)
	// Alignment compares the rule with BP at the present weights, layer by
	// layer from the input on. It changes nothing that Step or Evaluate see.
	Alignment(x []float64, y []int) ([]LayerAlignment, error)
}

// LayerAlignment compares what the rule tells a layer with what BP would.
type LayerAlignment struct {
	Layer     string `json:"layer"`      // fc1, conv3, ...
	ErrorCos  Number `json:"error_cos"`  // cosine of the teaching signals, mean over the samples
	ErrorSD   Number `json:"error_sd"`   // its standard deviation over the samples
	GradCos   Number `json:"grad_cos"`   // cosine of the weight gradients
	NormRatio Number `json:"norm_ratio"` // norm of the rule's gradient / norm of BP's
}

// Shape is what a data set demands of a network.
type Shape struct {
	Channels, Rows, Cols int // of an image
	Classes              int
}

// Size is the number of values of an image.
func (s Shape) Size() int { return s.Channels * s.Rows * s.Cols }

// Factory builds the trainer of a run, or says with got and want what does not
// fit.
type Factory func(Settings, Shape) (Trainer, error)
