package experiment

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// searched is tiny with its learning rates chosen in a run of one epoch each.
const searched = tiny + "search: {seeds: [5], epochs: 1}\n"

func TestSearch(t *testing.T) {
	whole := t.TempDir()
	r, err := Execute(t.Context(), parsed(t, searched), Options{Out: whole})
	require.NoError(t, err)
	require.Len(t, r.Runs, 2*(2+2))
	rows := r.Summary()
	for i, row := range rows {
		tried, full := r.Runs[4*i:4*i+2], r.Runs[4*i+2:4*i+4]
		best := 0
		for k, run := range tried {
			require.True(t, run.Settings.Search)
			require.EqualValues(t, 5, run.Settings.Seed)
			require.Len(t, run.Epochs, 2)
			require.Nil(t, run.Epochs[1].Test, "no test image has a part in the choice")
			if run.Epochs[1].Validation.Top1 > tried[best].Epochs[1].Validation.Top1 {
				best = k
			}
		}
		for k, run := range full {
			require.EqualValues(t, k+1, run.Settings.Seed)
			require.Equal(t, tried[best].Settings.Rate, run.Settings.Rate)
			require.Len(t, run.Epochs, 4)
			require.NotNil(t, run.Epochs[1].Test)
		}
		require.Equal(t, []any{full[0].Settings.Rate, 2, 2}, []any{row.Rate, row.Tried, row.Test.N})
	}
	want := contents(t, filepath.Join(whole, "runs"))
	require.Len(t, want, 8)

	// Interrupted again and again, by any number of workers.
	for _, workers := range []int{1, 2, 7} {
		dir := t.TempDir()
		for tries := 0; ; tries++ {
			require.Less(t, tries, 20)
			ctx, cancel := context.WithCancel(t.Context())
			events := 0
			_, err := Execute(ctx, parsed(t, searched), Options{Out: dir, Workers: workers,
				Progress: func(p Progress) {
					require.Equal(t, []int{8, 2*2 + 4*3}, []int{p.Total, p.Epochs})
					if events++; events == 5 {
						cancel()
					}
				}})
			cancel()
			if err == nil {
				break
			}
		}
		require.Equal(t, want, contents(t, filepath.Join(dir, "runs")))
	}
}

// What is there can be seen before all is.
func TestStored(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Execute(ctx, parsed(t, searched), Options{Out: dir, Workers: 1, Progress: func(p Progress) {
		if p.Done == 3 { // two searches and a full run
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	r, err := Execute(t.Context(), parsed(t, searched), Options{Out: dir, Stored: true, Build: refuse})
	require.NoError(t, err)
	require.Len(t, r.Runs, 3)
	rows := r.Summary()
	require.Equal(t, 1, rows[0].Test.N)
	require.Zero(t, rows[1].Rate)
	var b bytes.Buffer
	require.NoError(t, r.Table(&b))
	require.Regexp(t, `BDFA[^\n]* \| +- \| +- \| +- \| +- \| +- \| +0 of 0`, strings.ReplaceAll(b.String(), "\n", " "))
	_, err = r.Save(t.TempDir())
	require.NoError(t, err)

	// Without the images too; of other images nothing is there.
	elsewhere := parsed(t, strings.Replace(searched, "set: embedded", "set: own", 1))
	r, err = Execute(t.Context(), elsewhere, Options{Out: dir, Stored: true})
	require.NoError(t, err)
	require.Empty(t, r.Runs)
	names, err := filepath.Glob(filepath.Join(dir, "runs", "*.json"))
	require.NoError(t, err)
	raw, err := os.ReadFile(names[0])
	require.NoError(t, err)
	other := regexp.MustCompile(`"images": "[^"]*"`).ReplaceAllString(string(raw), `"images": "other"`)
	require.NotEqual(t, string(raw), other)
	require.NoError(t, os.WriteFile(names[0], []byte(other), 0o600))
	r, err = Execute(t.Context(), parsed(t, searched), Options{Out: dir, Stored: true})
	require.NoError(t, err)
	require.Empty(t, r.Summary()[0].runs, "a run that somebody has changed does not count")
}

func TestSearchIsChecked(t *testing.T) {
	for _, c := range [][2]string{
		{"search: {seeds: [], epochs: 1}", "search.seeds: got none, want at least one"},
		{"search: {seeds: [1, 1], epochs: 1}", "search.seeds[1]: got 1 twice, want each seed once"},
		{"search: {seeds: [1], epochs: 0}", "search.epochs: got 0, want 1 to 100000"},
	} {
		_, err := Parse([]byte(tiny+c[0]+"\n"), "test.yaml")
		require.ErrorContains(t, err, c[1])
	}
}
