package sample

import (
	"fmt"
	"math/rand/v2"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
)

// Kind is what a piece of a training is: between two cuts there is one.
type Kind int

// The kinds, in the order of a training.
const (
	Boot      Kind = iota
	First          // step of an epoch
	Full           // step inside of an epoch
	Last           // step of an epoch, perhaps of a short batch
	Before         // what is between an epoch's last step and its test
	TestFirst      // batch of a test
	TestFull
	TestLast
	After // record, learning rate, and the begin of the next epoch
	NumKinds
)

// KindNames are the kinds in reports.
var KindNames = [NumKinds]string{
	"boot", "first step of an epoch", "steps inside of epochs", "last step of an epoch",
	"before the test", "first batch of a test", "batches inside of tests", "last batch of a test",
	"after the test",
}

// Sample is a run of a chip: a piece to warm up, and one or several, one behind the other, that are counted.
type Sample struct {
	family family

	begin int // step, from 0, with which it warms up; -1: it boots
	end   int // steps done when what it has learned is compared
	batch int // of a test; -1: none
	phase uint64

	start, want []compile.Learned
	train, test int // correct predictions that the model makes in it
	products    float64

	simulated bool
	pieces    [NumKinds]count // nil: none
}

// family is a group of strata whose samples are alike.
type family int

const (
	start family = iota // of the training: boot and first step
	inside
	ends       // of epochs, without a test: last step to first step of the next
	testedEnds // with a test
	tests      // batches inside of them
	finish     // the last epoch's end
	numFamilies
)

var familyNames = [numFamilies]string{
	"the start", "steps inside of epochs", "ends of epochs", "ends of epochs with a test", "batches inside of tests", "the end",
}

// stratum is a part of the training that samples are drawn from.
type stratum struct {
	family family
	size   int
	of     func(index int) *Sample
	order  []int // in which they are drawn
	drawn  []*Sample

	products float64 // of all
}

// next draws another sample.
func (s *stratum) next() *Sample {
	one := s.of(s.order[len(s.drawn)])
	s.drawn = append(s.drawn, one)
	return one
}

// calendar says where steps and tests lie.
type calendar struct {
	firmware.Header
	steps   int // of an epoch
	batches int // of a test
}

func (c *calendar) epochs() int { return int(c.Epochs) }

// fewest is how many steps an epoch must have to be sampled: a first one, a last one and another.
const fewest = 3

// strata divides a training; steps inside of epochs into so many groups of neighbouring epochs.
func (c *calendar) strata(groups int, seed uint64) (all []*stratum) {
	add := func(f family, size int, of func(k int) *Sample) {
		if size > 0 {
			rng := rand.New(rand.NewPCG(seed, uint64(len(all))<<8|uint64(f)))
			all = append(all, &stratum{family: f, size: size, order: rng.Perm(size), of: func(k int) *Sample {
				one := of(k)
				one.family = f
				return one
			}})
		}
	}
	end := func(epoch int) *Sample {
		one := &Sample{begin: (epoch+1)*c.steps - 2, end: (epoch+1)*c.steps + 1, batch: -1}
		one.end = min(one.end, c.epochs()*c.steps)
		return one
	}
	add(start, 1, func(int) *Sample { return &Sample{begin: -1, end: 1, batch: -1} })
	per := c.steps - 2
	for g := range groups {
		from, to := g*c.epochs()/groups, (g+1)*c.epochs()/groups
		add(inside, (to-from)*per, func(k int) *Sample {
			step := (from+k/per)*c.steps + 1 + k%per
			return &Sample{begin: step - 1, end: step + 1, batch: -1}
		})
	}
	var plain, tested []int // epochs that end
	for e := range c.epochs() - 1 {
		if c.Tests(e) {
			tested = append(tested, e)
		} else {
			plain = append(plain, e)
		}
	}
	add(ends, len(plain), func(k int) *Sample { return end(plain[k]) })
	add(testedEnds, len(tested), func(k int) *Sample { return end(tested[k]) })
	if last := c.epochs() - 1; c.Tests(last) {
		tested = append(tested, last)
	}
	middle := max(0, c.batches-2)
	add(tests, len(tested)*middle, func(k int) *Sample {
		done := (tested[k/middle] + 1) * c.steps
		return &Sample{begin: done, end: done, batch: 1 + k%middle}
	})
	add(finish, 1, func(int) *Sample { return end(c.epochs() - 1) })
	return all
}

// ends are the batches of a test that are simulated where an epoch ends: the first one, the last one
// and one to warm up.
func (c *calendar) ends() []int {
	if m := c.batches; m > 2 {
		return []int{0, m - 2, m - 1}
	}
	return []int{0, 1}[:c.batches]
}

// pieces is how many of each kind the training has.
func (c *calendar) pieces() (n [NumKinds]int) {
	e, tested := c.epochs(), c.TestsBefore(c.epochs())
	n = [NumKinds]int{Boot: 1, First: e, Full: e * (c.steps - 2), Last: e, Before: e, After: e}
	n[TestLast] = tested
	n[TestFirst] = tested * min(1, max(0, c.batches-1))
	n[TestFull] = tested * max(0, c.batches-2)
	return n
}

// least is how many samples a stratum needs: two tell how much they differ.
func (s *stratum) least() int { return min(s.size, 2) }

// plan draws n samples: two of each stratum, and the others of steps inside of epochs, in as many groups
// of epochs as have four each.
func (c *calendar) plan(n int, seed uint64) ([]*stratum, error) {
	need, groups := 0, 1
	for _, s := range c.strata(1, seed) {
		need += s.least()
	}
	if n < need {
		return nil, fmt.Errorf("got %d, want at least %d for this training", n, need)
	}
	if few := n - need; few >= 8 {
		groups = min(few/4, c.epochs())
	}
	all := c.strata(groups, seed)
	for _, s := range all {
		for range s.least() {
			s.next()
			n--
		}
	}
	for _, others := range []bool{false, true} {
		for drew := true; drew; {
			drew = false
			for _, s := range all {
				if n > 0 && (others || s.family == inside) && len(s.drawn) < s.size {
					s.next()
					n, drew = n-1, true
				}
			}
		}
	}
	return all, nil
}
