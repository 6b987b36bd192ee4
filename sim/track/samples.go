package track

import "math/rand/v2"

// kept are samples of the last pictures, the features of one picture after those of another.
type kept struct {
	pictures [][]byte
	most     int // pictures
}

// add keeps those of a picture, and forgets the oldest beyond the most.
func (k *kept) add(features []byte) {
	k.pictures = append(k.pictures, features)
	if len(k.pictures) > k.most {
		k.pictures = k.pictures[1:]
	}
}

// last lists the samples of the last n pictures.
func (k *kept) last(n int) (all [][]byte) {
	for _, p := range k.pictures[max(0, len(k.pictures)-n):] {
		all = append(all, split(p)...)
	}
	return all
}

// deck hands out samples in a random order; when it is empty it is shuffled anew.
type deck struct {
	samples [][]byte
	order   []int
	rng     *rand.Rand
}

func (d *deck) next(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		if len(d.order) == 0 {
			d.order = d.rng.Perm(len(d.samples))
		}
		out[i], d.order = d.samples[d.order[0]], d.order[1:]
	}
	return out
}
