package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
)

// streamSplit keeps the choice of images apart from the shuffles of Order,
// whose streams are epochs.
const streamSplit = 1 << 63

// HoldOut parts the set in two: held has n images, chosen by seed, equally
// many of each class (one more of the first classes if n is no multiple), and
// kept has all others. Both keep the order of s. n = 0 holds nothing out.
func (s Set) HoldOut(n int, seed uint64) (kept, held Set, err error) {
	if n < 0 || n >= s.N {
		return Set{}, Set{}, fmt.Errorf("data: %s: hold out: got %d images, want 0..%d", s.Name, n, s.N-1)
	}
	chosen, err := s.choose(n, seed)
	if err != nil {
		return Set{}, Set{}, err
	}
	kept, held = s.parts(chosen)
	return kept, held, nil
}

// HoldOutLast is HoldOut without a choice: held has the last n/Classes images
// of each class; n is a multiple of the classes, and less than N.
func (s Set) HoldOutLast(n int) (kept, held Set, err error) {
	if n < s.Classes || n%s.Classes != 0 || n >= s.N {
		return Set{}, Set{}, fmt.Errorf("holdout: got %d of the %d training images, want fewer, and a multiple of the %d classes", n, s.N, s.Classes)
	}
	order := places(s.N)
	slices.Reverse(order)
	perClass := n / s.Classes
	last, c, missing := s.take(order, slices.Repeat([]int{perClass}, s.Classes))
	if missing > 0 {
		return Set{}, Set{}, fmt.Errorf("holdout: got %d training images of class %d, want at least %d", perClass-missing, c, perClass)
	}
	kept, held = s.parts(last)
	return kept, held, nil
}

// parts returns the images that are not chosen and those that are.
func (s Set) parts(chosen []bool) (others, these Set) {
	var in, out []int
	for k, c := range chosen {
		if c {
			out = append(out, k)
		} else {
			in = append(in, k)
		}
	}
	return s.Pick(in), s.Pick(out)
}

// Balanced returns n images chosen by seed, equally many of each class, in
// the order of s. n = 0 or n = N is the whole set, balanced or not. With one
// seed a smaller choice is part of a larger one.
func (s Set) Balanced(n int, seed uint64) (Set, error) {
	if n == 0 || n == s.N {
		return s, nil
	}
	if n < 0 || n > s.N {
		return Set{}, fmt.Errorf("data: %s: samples: got %d, want 1..%d, or 0 for all", s.Name, n, s.N)
	}
	chosen, err := s.choose(n, seed)
	if err != nil {
		return Set{}, err
	}
	_, these := s.parts(chosen)
	return these, nil
}

// choose marks n images: each class in a shuffled order of its own, the first
// n/Classes of it (one more for the first n mod Classes classes).
func (s Set) choose(n int, seed uint64) ([]bool, error) {
	room := make([]int, s.Classes)
	for c := range room {
		room[c] = n / s.Classes
		if c < n%s.Classes {
			room[c]++
		}
	}
	chosen, c, missing := s.take(shuffle(rand.New(rand.NewPCG(seed, streamSplit)), s.N), room)
	if missing > 0 {
		return nil, fmt.Errorf("data: %s: class %d: got %d images too few for %d of all classes alike", s.Name, c, missing, n)
	}
	return chosen, nil
}

// take marks the first images in this order, as many of each class as there is
// room for; missing is how many the first class has too few, 0 if none has.
func (s Set) take(order, room []int) (chosen []bool, class, missing int) {
	chosen = make([]bool, s.N)
	for _, k := range order {
		if c := s.Labels[k]; room[c] > 0 {
			room[c]--
			chosen[k] = true
		}
	}
	class = max(0, slices.IndexFunc(room, func(left int) bool { return left > 0 }))
	return chosen, class, room[class]
}

// Fingerprint returns the SHA-256 of shape, labels and pixels, in hexadecimal:
// two sets with the same fingerprint train alike.
func (s Set) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, s.N, s.Channels, s.Rows, s.Cols, s.Classes) // a hash never fails to write
	h.Write(s.Labels)
	h.Write(s.Images)
	return hex.EncodeToString(h.Sum(nil))
}
