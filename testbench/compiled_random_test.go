package testbench

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
)

// Environment variables of TestCompiledRandom. A failed case runs alone with its seed as the first and one case.
const (
	envCases = "BDFASIM_RANDOM_CASES" // how many, by default randomCases
	envSeed  = "BDFASIM_RANDOM_SEED"  // the seed of the first
)

const (
	randomCases  = 240
	randomSeed   = 1
	randomAtOnce = 2          // cases at a time
	maxCycles    = 20_000_000 // many times what the longest case takes: a program that hangs fails soon
)

// refusal matches what the compiler says of a network that does not fit: the memory, the layer, and how much is missing.
var refusal = regexp.MustCompile(`^compile: (omem|pointer table|mask memory|sign memory|scratch memory|bias buffers|external memory[a-z, ]*|instruction memory|depc|epc): .*[1-9][0-9]* missing(; .*)?$`)

func number(t *testing.T, env string, otherwise int) int {
	text, ok := os.LookupEnv(env)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, env)
	return n
}

// outcome of the cases.
type outcome struct {
	sync.Mutex
	skipped, ran int
	refused      map[string]int
	features     map[string]int
	cycles       uint64
}

// Random networks, rules, arms and memories: the chip equals the fixed-point model in every tensor of every step.
func TestCompiledRandom(t *testing.T) {
	cases, seed := number(t, envCases, randomCases), number(t, envSeed, randomSeed)
	o := &outcome{refused: map[string]int{}, features: map[string]int{}}
	limit := make(chan struct{}, randomAtOnce)
	t.Run("cases", func(t *testing.T) {
		for k := range cases {
			t.Run(fmt.Sprintf("seed=%d", seed+k), func(t *testing.T) {
				t.Parallel()
				limit <- struct{}{}
				defer func() { <-limit }()
				randomCase(t, uint64(seed+k), o)
			})
		}
	})
	t.Logf("%d cases ran, %d million cycles, %d were refused: %v", o.ran, o.cycles/1_000_000, o.skipped, o.refused)
	if t.Failed() || cases < randomCases {
		return // fewer cases need not meet everything
	}
	require.Less(t, 10*o.skipped, 3*cases, "refused networks: %v", o.refused)
	for _, f := range wanted {
		require.NotZero(t, o.features[f], "no case had: %s; all: %v", f, o.features)
	}
}

// randomCase runs one case in lock-step, or counts it as refused.
func randomCase(t *testing.T, seed uint64, o *outcome) {
	j, rng := draw(seed)
	report := func(err error) {
		if err != nil {
			t.Fatalf("%v\nagain with %s=%d %s=1\njob: %s, epochs %d, test %d, omem %d words, %d pointers\n%s",
				err, envSeed, seed, envCases, j, j.epochs, j.test, j.caps.OMEMWords, j.caps.Pointers, j.net.Marshal())
		}
	}
	s, err := j.spec(seed)
	report(err)
	vary(rng, &s)
	s.Capacities = j.caps
	c, img, err := NewCompiled(s, j.config())
	if err != nil && refusal.MatchString(err.Error()) {
		o.Lock()
		defer o.Unlock()
		o.skipped++
		o.refused[refusal.FindStringSubmatch(err.Error())[1]]++
		return
	}
	report(err)
	report(c.Run(context.Background(), maxCycles))
	report(c.checkRecords())
	found := features(j, c.Plan, img)
	o.Lock()
	defer o.Unlock()
	o.ran++
	o.cycles += c.Chip.Cycle()
	for f, yes := range found {
		if yes {
			o.features[f]++
		}
	}
}

// checkRecords compares what the program counted in training with the fixed-point model: saturations and largest values
// (sections 6 and 9), correct predictions.
func (c *Compiled) checkRecords() error {
	got, want := c.counted(), c.expected()
	for k := range want {
		if got[k] != want[k] {
			return fmt.Errorf("records of the epochs: chip has %v, fixed-point model %v", got, want)
		}
	}
	return nil
}

// counts are: correct predictions; saturations of z, errors, velocities, weights; maxima of z, errors, e_L, velocities, weights.
type counts [10]int64

func (c *Compiled) counted() (sum counts) {
	for _, r := range c.Plan.Results(c.Chip.XMemory()) {
		for k, v := range []uint32{r.TrainCorrect, r.SatFF, r.SatErr, r.SatV, r.SatW} {
			sum[k] += int64(v)
		}
		for k, v := range []uint32{r.MaxFF, r.MaxErr, r.MaxTop, r.MaxV, r.MaxW} {
			sum[5+k] = max(sum[5+k], int64(v))
		}
	}
	return sum
}

func (c *Compiled) expected() (sum counts) {
	m, top := c.Model, len(c.Plan.Layers)-1
	sum[0], sum[7] = int64(c.Correct), m.Stats.E[top].MaxAbs
	for i := 1; i <= top; i++ {
		c.expectLayer(i, &sum)
	}
	return sum
}

func (c *Compiled) expectLayer(i int, sum *counts) {
	st, l := &c.Model.Stats, &c.Plan.Layers[i]
	sum[1] += int64(st.Z[i].Sat)
	sum[5] = max(sum[5], st.Z[i].MaxAbs)
	switch {
	case l.Conv:
		sum[2] += int64(st.D[i].Sat)
		sum[6] = max(sum[6], st.D[i].MaxAbs)
		if l.BN {
			sum[1] += int64(st.U[i].Sat)
			sum[2] += int64(st.E[i].Sat + st.Gamma[i].Sat + st.Beta[i].Sat + st.VGamma[i].Sat + st.VBeta[i].Sat)
			sum[6] = max(sum[6], st.E[i].MaxAbs)
		}
	case i < len(c.Plan.Layers)-1:
		sum[2] += int64(st.E[i].Sat)
		sum[6] = max(sum[6], st.E[i].MaxAbs)
	}
	if l.Conv || c.Plan.Spec().Rule != compile.ConvOnly {
		sum[3] += int64(st.V[i].Sat + st.VB[i].Sat)
		sum[4] += int64(st.W[i].Sat + st.B[i].Sat)
		sum[8] = max(sum[8], st.V[i].MaxAbs, st.VB[i].MaxAbs)
		sum[9] = max(sum[9], st.W[i].MaxAbs)
	}
}
