package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// macs are the metrics of so many MACs in as many cycles.
func macs(n uint64) *sim.Metrics {
	m := &sim.Metrics{Cycles: n}
	m.Phases[isa.PhaseFF] = n
	m.Counts.Rows[activity.MakeTag(uint8(isa.PhaseFF), 1)][activity.MAC] = n
	return m
}

// TestMeasure: a run beyond 9.2 J is priced by parts, with the same energies for the whole.
func TestMeasure(t *testing.T) {
	chip, err := rtl.New(rtl.DefaultConfig())
	require.NoError(t, err)
	prices, err := power.Default65().Prices(chip.Geometry())
	require.NoError(t, err)

	short, err := measure(prices, macs(1e12), 10, "epoch") // 3 J
	require.NoError(t, err)
	require.Equal(t, 1, short.parts)
	for _, table := range short.tables(prices, true, false) {
		for _, note := range table.Notes {
			require.NotContains(t, note, "9.2 J")
		}
	}
	long, err := measure(prices, macs(10e12), 10, "epoch")
	require.NoError(t, err)
	require.Equal(t, 10, long.parts)
	require.Equal(t, short.Total(), long.Total())
	total := (*power.Energy).Total
	require.InEpsilon(t, 10*short.uj(total), long.uj(total), 1e-12)
	for _, all := range []bool{false, true} {
		for _, table := range long.tables(prices, all, true) {
			require.Contains(t, table.Notes[len(table.Notes)-1], "an average epoch, 1/10 of the run: the run needs more than 9.2 J")
		}
	}

	_, err = measure(prices, macs(100e12), 10, "epoch")
	require.ErrorContains(t, err, "9.2 J")
	_, err = measure(prices, macs(10e12), 1, "epoch")
	require.ErrorContains(t, err, "9.2 J")
}
