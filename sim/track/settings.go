package track

// Settings are the numbers of the protocol. MDNet's are from the public implementation, which says
// what the paper leaves open; what is ours is marked.
type Settings struct {
	// Candidates of a picture: Gaussian around the last box. Moves are in mean edges of the box, at
	// most Move away and half of that in one standard deviation; sizes change by Grow at most.
	Candidates int
	Move, Grow float64
	MoveLimit  float64 // Move grows to this while the target is lost,
	MoveFactor float64 // by this from one picture to the next

	Best int // candidates whose mean is the result

	First, Later Round // learning in the first picture and afterwards
	Every        int   // pictures between two rounds of learning
	Long, Short  int   // pictures whose samples are kept: positives, negatives

	// A step of learning: a batch has a quarter of positives, the rest are the negatives with the
	// highest scores of so many.
	Batch, Mined int

	// Regression of boxes: so many samples in the first picture; Ridge is its penalty.
	Boxes int
	Ridge float64

	// The head.
	Momentum, Decay, Dropout float64
	TopRate                  float64 // the last layer's learning rate, in those of the others
}

// Round is one call to learn: where its samples are from and how long it takes.
type Round struct {
	Positives, Negatives int
	Above, Below         float64 // overlap with the target: positives at least, negatives at most
	Steps                int
	Rate                 float64
	Wide                 float64 // negatives are uniform within so many mean edges
	Grow                 float64 // and their sizes change by so much
}

// MDNet is the published protocol.
func MDNet() Settings {
	return Settings{
		Candidates: 256, Move: 0.6, Grow: 1.05, MoveLimit: 1.5, MoveFactor: 1.1,
		Best: 5,
		First: Round{Positives: 500, Negatives: 5000, Above: 0.7, Below: 0.5, Steps: 50, Rate: 5e-4,
			Wide: 1, Grow: 1.6},
		Later: Round{Positives: 50, Negatives: 200, Above: 0.7, Below: 0.3, Steps: 15, Rate: 1e-3,
			Wide: 2, Grow: 1.3},
		Every: 10, Long: 100, Short: 30,
		Batch: 128, Mined: 1024,
		Boxes: 1000, Ridge: 1000,
		Momentum: 0.9, Decay: 5e-4, Dropout: 0.5, TopRate: 10,
	}
}

// Reduced is a protocol of ours for a quick look: fewer samples and steps, and rounds of learning
// more often since sequences are short. Its numbers were chosen for the time that it takes.
func Reduced() Settings {
	s := MDNet()
	s.Candidates = 48
	s.First.Positives, s.First.Negatives, s.First.Steps = 100, 300, 15
	s.Later.Positives, s.Later.Negatives, s.Later.Steps = 12, 36, 5
	s.Every, s.Mined, s.Boxes = 5, 128, 150
	return s
}

// Sampling of positives and of boxes for the regression, the same in both protocols.
const (
	positiveMove, positiveGrow             = 0.1, 1.3
	regressMove, regressGrow, regressShape = 0.3, 1.6, 1.1
	regressOverlap                         = 0.6
	leastEdge                              = 10 // pixels of a box, and of the picture beside it
)
