package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProgress: without a terminal there is a line now and then, with an estimate if the image tells
// what it trains; standard output does not change.
func TestProgress(t *testing.T) {
	img := filepath.Join(t.TempDir(), "x.img")
	ok(t, "compile", write(t, "conv.yaml", convNet), "--data", images(t), "--epochs", "3", "-o", img)
	quiet := bdfasim(t, "", "run", img)
	defer func(was time.Duration) { reportEvery = was }(reportEvery)
	reportEvery = 0
	loud := bdfasim(t, "", "run", img)
	require.Equal(t, quiet.out, loud.out)
	require.NotContains(t, quiet.stderr, " a second, ")
	require.Regexp(t, `cycles: 65536, \S+ a second, \d+ % of about \d+, \d+s left\n`, loud.stderr)
	require.Regexp(t, `training: \d+, \S+ a second, \d+ % of about \d+, `,
		bdfasim(t, "", append([]string{"train"}, small(t)...)...).stderr)

	var out bytes.Buffer // nobody knows the end
	p := newProgress(&env{ctx: context.Background(), stderr: &out}, 0, "cycles")
	p.at(1 << 16)
	p.at(3 << 16)
	require.Regexp(t, `^cycles: 65536, \S+ a second\ncycles: 196608, \S+ a second\n$`, out.String())
	out.Reset()
	p = newProgress(&env{ctx: context.Background(), stderr: &out}, 100, "cycles") // it takes longer
	p.at(90)
	p.at(200)
	require.Regexp(t, `^cycles: 90, .* 90 % of about 100, 0s left\ncycles: 200, .* 91 % of about 220, 0s left\n$`, out.String())
}
