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
)

// Environment variables of TestRandom. A failed case runs alone with its seed as the first and one case.
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
func TestRandom(t *testing.T) {
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
				err, envSeed, seed, envCases, j, j.epochs, j.test, j.caps.OMEM.Words, j.caps.OMEM.Pointers, j.net.Marshal())
		}
	}
	s, err := j.spec(seed)
	report(err)
	vary(rng, &s)
	s.Machine = j.caps
	c, img, err := start(s, j.config())
	if err != nil && refusal.MatchString(err.Error()) {
		o.Lock()
		defer o.Unlock()
		o.skipped++
		o.refused[refusal.FindStringSubmatch(err.Error())[1]]++
		return
	}
	report(err)
	report(c.Run(context.Background(), maxCycles))
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
