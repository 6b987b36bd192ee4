package main

import (
	"context"
	"image/gif"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ball writes the sequences of --synthetic, three pictures of each, and returns the first one.
func ball(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ok(t, "track", "--synthetic", "--frames", "3", "--write-sequences", dir)
	return filepath.Join(dir, "synthetic-1")
}

// A tracked sequence has scores, plots, boxes and an overlay; on two cores
// instead of one all are the same bytes.
func TestTrack(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	seq := ball(t)
	var outs [2]string
	var dirs [2]string
	for i := range outs {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(i + 1))
		dir := t.TempDir()
		dirs[i] = dir
		r := bdfasim(t, "", "track", seq, "--protocol", "reduced", "--rule", "bdfa,none", "--batch", "8",
			"--out", filepath.Join(dir, "out"), "--boxes", filepath.Join(dir, "boxes"),
			"--plot", filepath.Join(dir, "ope.png"), "--overlay", filepath.Join(dir, "o.gif"))
		require.Equal(t, exitOK, r.code, r.stderr)
		require.Contains(t, r.stderr, "6 pictures tracked in")
		outs[i] = r.out
	}
	require.Equal(t, outs[0], outs[1])
	for _, want := range []string{"Precision at 20 pixels", "bdfa |     8 |", "none |     - |", "a reduced protocol, not MDNet's",
		"features: default.onnx", "drawn from the seed"} {
		require.Contains(t, outs[0], want)
	}
	names, err := filepath.Glob(filepath.Join(dirs[0], "*", "*"))
	require.NoError(t, err)
	for _, name := range append(names, filepath.Join(dirs[0], "ope.png"), filepath.Join(dirs[0], "o.gif")) {
		if filepath.Base(name) == "host.json" {
			continue
		}
		a, err := os.ReadFile(name)
		require.NoError(t, err)
		b, err := os.ReadFile(strings.Replace(name, dirs[0], dirs[1], 1))
		require.NoError(t, err)
		require.Equal(t, a, b, name)
	}
	truth, err := os.ReadFile(filepath.Join(seq, "groundtruth_rect.txt"))
	require.NoError(t, err)
	boxes, err := os.ReadFile(filepath.Join(dirs[0], "boxes", "synthetic-1_bdfa_batch8_seed1.txt"))
	require.NoError(t, err)
	lines := strings.Split(string(boxes), "\n")
	require.Len(t, lines, 4, "a line a picture")
	require.Equal(t, strings.Split(string(truth), "\n")[0], lines[0])
	f, err := os.Open(filepath.Join(dirs[0], "o.gif"))
	require.NoError(t, err)
	defer f.Close()
	g, err := gif.DecodeAll(f)
	require.NoError(t, err)
	require.Len(t, g.Image, 3)
}

// An interrupt keeps what is finished, and is told apart.
func TestTrackInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs strings.Builder
	code := execute(ctx, []string{"track", "--synthetic", "--frames", "2"}, nil, &out, &errs)
	require.Equal(t, exitInterrupted, code, errs.String())
	require.Contains(t, errs.String(), "interrupted")
}

func TestTrackRefuses(t *testing.T) {
	seq := ball(t)
	for args, want := range map[string]string{
		"track":                              "got no sequence",
		"track x --synthetic":                "got it and x, want one of both",
		"track --synthetic --batch 6":        "batch: got 6, want a multiple of 4 from 4 to 168",
		"track --synthetic --batch 8,8":      "batch: got 8 twice",
		"track --synthetic --rule bp,bp":     "rules, each once",
		"track --synthetic --rule x":         "must be one of",
		"track --synthetic --overlay x.png":  "want a file that ends in .gif",
		"track --synthetic --seeds 0":        "--seeds: got 0, want 1 to 100",
		"track " + seq + " " + seq + ":1-2":  "got synthetic-1 twice",
		"track --synthetic --features y.yam": "y.yam: no such file",
		"track " + seq + "x":                 "no such file or directory",
	} {
		r := bdfasim(t, "", strings.Fields(args)...)
		require.NotEqual(t, exitOK, r.code, args)
		require.Contains(t, r.stderr, want, args)
	}
}
