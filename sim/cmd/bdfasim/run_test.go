package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLayerEnergyAddsUp: the rows of the table by layer and phase are the energy of the run, leakage included.
func TestLayerEnergyAddsUp(t *testing.T) {
	type shown struct {
		Title  string
		Header []string
		Rows   [][]any
	}
	var tables []shown
	require.NoError(t, json.Unmarshal([]byte(ok(t, "run", layer(t), "--format", "json")), &tables))
	find := func(title string) shown {
		i := slices.IndexFunc(tables, func(x shown) bool { return x.Title == title })
		require.NotEqual(t, -1, i, title)
		return tables[i]
	}
	layers, phases := find("By layer and phase"), find("Energy by phase (uJ)")
	total := phases.Rows[len(phases.Rows)-1]
	for k, name := range []string{"on-die uJ", "external uJ"} {
		at, sum := slices.Index(layers.Header, name), 0.0
		for _, row := range layers.Rows {
			sum += row[at].(float64)
		}
		require.InEpsilon(t, total[k+1].(float64), sum, 1e-9, name)
	}
}
