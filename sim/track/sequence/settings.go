package sequence

// Settings say how sequences are drawn. Everything else about one follows from its seed.
type Settings struct {
	Width, Height, Frames int

	Target   int     // edge of the target at its mean size, in pixels
	Speed    float64 // most pixels that it moves from one picture to the next, in x and in y
	Scale    float64 // it grows to so many times its mean size, and shrinks to so much less
	Turn     float64 // 0..1: how far it has become another texture in the last picture
	Light    float64 // 0..1: the light goes down to this part, and back
	Occluded int     // pictures in which a bar passes over it
	Near     float64 // nearest distance of the distractor, in edges of the target
	Noise    int     // steps of grey, up and down
}

// Reference is what bdfasim track --synthetic runs on. It was fixed before anything had been
// tracked: results that choose the questions prove nothing.
func Reference() Settings {
	return Settings{
		Width: 240, Height: 180, Frames: 30,
		Target: 40, Speed: 5, Scale: 1.3, Turn: 0.6, Light: 0.6, Occluded: 5, Near: 1.1, Noise: 6,
	}
}

// ReferenceSeeds are the ten sequences of --synthetic. Features are learned from others.
func ReferenceSeeds() []uint64 { return []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} }

// FirstLearned is the first seed of the sequences that features are learned from.
const FirstLearned = 1000
