package intgemm

// granule is for how many pairs together the size of the right operand is known.
const granule = 4

// right is the right operand, packed.
type right struct {
	lanes, segs, pairs int // pairs of a segment
	data               []int16
	squares            []uint64 // of each panel's granules: the largest sum of squares of a lane
}

func (r *right) panels() int   { return ceilDiv(r.lanes, panelLanes) }
func (r *right) stride() int   { return r.segs * r.pairs * pairWords }
func (r *right) granules() int { return ceilDiv(r.pairs, granule) } // of a segment

// Panel is up to 16 lanes of the right operand, which a function given to Pack fills. All is zero
// before.
type Panel struct {
	Lane, Lanes int // the first, and how many
	pairs       int
	data        []int16
}

// at is where number k of a segment of a lane, counted from Lane, stands.
func (p *Panel) at(lane, seg, k int) int { return ((seg*p.pairs+k/2)*panelLanes+lane)*2 + k%2 }

// Column sets numbers k, k+1, ... of a segment of a lane, counted from Lane.
func (p *Panel) Column(lane, seg, k int, run []int16) {
	if k%2 == 1 && len(run) > 0 {
		p.data[p.at(lane, seg, k)] = run[0]
		run, k = run[1:], k+1
	}
	at := p.at(lane, seg, k)
	for ; len(run) >= 2; run = run[2:] {
		to := p.data[at : at+2]
		to[0], to[1] = run[0], run[1]
		at += pairWords
	}
	if len(run) == 1 {
		p.data[at] = run[0]
	}
}

// Rows sets numbers k and k+1, k even, of a segment of successive lanes, the first counted from
// Lane; odd may be nil.
func (p *Panel) Rows(lane, seg, k int, even, odd []int16) {
	to := p.data[p.at(lane, seg, k):][:2*len(even)]
	if odd == nil {
		for l, v := range even {
			to[2*l] = v
		}
		return
	}
	odd = odd[:len(even)]
	for l, v := range even {
		to[2*l], to[2*l+1] = v, odd[l]
	}
}

// Gather sets all numbers of successive lanes, the first counted from Lane: number k to data from
// at[k] on.
func (p *Panel) Gather(lane, lanes int, data []int16, at []int) {
	done := 0
	if lanes == panelLanes {
		done = gather(p.data, data, at)
	}
	for k := done; k < len(at); k += 2 {
		var odd []int16
		if k+1 < len(at) {
			odd = data[at[k+1]:][:lanes]
		}
		p.Rows(lane, 0, k, data[at[k]:][:lanes], odd)
	}
}

// measure sets most, of each granule, to the largest sum of squares of a lane.
func (p *Panel) measure(most []uint64) {
	for data := p.data; len(data) > 0; {
		seg := data[:p.pairs*pairWords]
		data = data[len(seg):]
		for ; len(seg) > 0; most = most[1:] {
			n := min(granule*pairWords, len(seg))
			most[0] = widest(seg[:n])
			seg = seg[n:]
		}
	}
}

// widest returns the largest sum of squares of a lane.
func widest(pairs []int16) (most uint64) {
	var sums [panelLanes]uint64
	squares(pairs, &sums)
	for _, sum := range sums {
		most = max(most, sum)
	}
	return most
}

// squaresGo sets sums to those of the squares of each lane, in any order.
func squaresGo(pairs []int16, sums *[panelLanes]uint64) {
	clear(sums[:])
	for ; len(pairs) > 0; pairs = pairs[pairWords:] {
		pair := pairs[:pairWords]
		for l := range sums {
			x0, x1 := int64(pair[2*l]), int64(pair[2*l+1])
			sums[l] += uint64(x0*x0 + x1*x1)
		}
	}
}

// Squares returns the sum of the squares.
func Squares(run []int16) (sum uint64) {
	if whole := len(run) - len(run)%pairWords; whole > 0 {
		var sums [panelLanes]uint64
		squares(run[:whole], &sums)
		for _, s := range sums {
			sum += s
		}
		run = run[whole:]
	}
	for _, v := range run {
		sum += uint64(int64(v) * int64(v))
	}
	return sum
}

func ceilDiv(n, d int) int { return (n + d - 1) / d }

// Grow returns s with n elements, which are not what they were if there was no room.
func Grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
