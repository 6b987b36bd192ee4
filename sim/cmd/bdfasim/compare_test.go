package main

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/power/table"
)

func TestSaved(t *testing.T) {
	require.Equal(t, table.Fixed(75, 1), saved(4.0, 1.0, true))
	require.Equal(t, table.Fixed(-100, 1), saved(2.0, 4.0, true))
	require.Equal(t, "-", saved(4.0, 1.0, false))
	require.Equal(t, "-", saved(0.0, 1.0, true))
	require.Equal(t, "-", saved("80 +- 1", "70 +- 1", true))
}

// TestCompareRepeats: per step, a run twice costs what it costs once.
func TestCompareRepeats(t *testing.T) {
	s := tiny(t)
	trials, err := s.trials(layers(t), []string{compile.BP}, 1)
	require.NoError(t, err)
	out, err := runAll(&env{ctx: context.Background(), stderr: io.Discard}, trials, 0, false, keepsNothing)
	require.NoError(t, err)
	rules := []string{compile.BP}
	once, err := compareTable(rules, out)
	require.NoError(t, err)
	twice, err := compareTable(rules, []*outcome{out[0], out[0]})
	require.NoError(t, err)
	numbers := 0
	for i, row := range once.Rows {
		if x, ok := row[1].(float64); ok {
			numbers++
			require.InEpsilon(t, x, twice.Rows[i][1], 1e-12, row[0])
		}
	}
	require.Greater(t, numbers, 20)
}

// TestAccuracy: mean and sample standard deviation, in percent.
func TestAccuracy(t *testing.T) {
	run := func(correct uint32) *outcome {
		return &outcome{epochs: []firmware.EpochResult{{TestN: 8, TestCorrect: 1}, {TestN: 8, TestCorrect: correct}, {}}}
	}
	s := &side{runs: []*outcome{run(2), run(4), run(6)}}
	require.Equal(t, "50.00 +- 25.00", fmt.Sprint(s.accuracy(lastTest)))
	s.runs = s.runs[:1]
	require.Equal(t, "25.00", fmt.Sprint(s.accuracy(lastTest)))
	s.runs[0].epochs = nil
	require.Equal(t, "-", fmt.Sprint(s.accuracy(lastTest)))
}

func TestADifferenceFromTheModelIsAnError(t *testing.T) {
	equal, other := &outcome{trial: &trial{rule: "bp", seed: 1}}, &outcome{trial: &trial{rule: "bdfa", seed: 2}, diff: "W2[7]: chip 3, model 4"}
	require.NoError(t, differences([]*outcome{equal}))
	require.EqualError(t, differences([]*outcome{equal, other}), "bdfa, seed 2: the chip differs from the fixed-point model: W2[7]: chip 3, model 4")
}
