package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	kills     = flag.Int("kills", 1, "times that each kind of training is killed")
	snapshots = flag.Int("snapshots", 5, "snapshots at random cycles")
)

// trainings are a CNN with normalisation, a fused schedule with dropout, and stored signs.
func trainings(t *testing.T) map[string][]string {
	const dropped = `
name: dropped
input: {channels: 1, height: 8, width: 8}
classes: 10
layers:
  - flatten
  - fc: {out: 64}
  - relu
  - dropout: {rate: 0.5}
  - fc: {out: 48}
  - relu
  - fc: {out: 10}
`
	data := []string{"--data", images(t), "--xmem-mb", "1", "--format", "json", "--epochs"}
	of := func(epochs string, args ...string) []string {
		return append(append([]string{"train"}, args...), append(data, epochs)...)
	}
	return map[string][]string{
		"cnn":   of("3", write(t, "conv.yaml", convNet), "--rule", "cbdfa"),
		"fused": of("6", write(t, "dropped.yaml", dropped), "--schedule", "fused"),
		"eq9":   of("6", "--layers", "64-48-32-10", "--rule", "bdfa", "--feedback", "eq9"),
	}
}

// TestResume: a training that has come to a limit is reported, and goes on to the same end.
func TestResume(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, args := range trainings(t) {
		whole := ok(t, args...)
		file := filepath.Join(t.TempDir(), "x.ck")
		for _, every := range []string{"epoch", "2000", "1ns"} {
			limit := fmt.Sprint(5000 + rng.IntN(20000))
			cut := bdfasim(t, "", append(args, "--checkpoint", file, "--checkpoint-every", every, "--limit", limit)...)
			require.Equal(t, exitFailure, cut.code, "%s: %s", name, cut.stderr)
			require.Contains(t, cut.stderr, "has not ended after "+limit+" cycles")
			require.Contains(t, cut.out, "Cycles by phase")
			require.NotContains(t, cut.out, "of the chip equal")
			require.Equal(t, whole, ok(t, append(args, "--resume", file)...), "%s, limit %s", name, limit)
		}
	}
}

// TestKilled: a training that is killed at any moment, also while it writes its checkpoint, goes on
// from the last one and ends with the same bytes.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program := filepath.Join(t.TempDir(), "bdfasim")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	rng := rand.New(rand.NewPCG(5, 6))
	for name, args := range trainings(t) {
		begin := time.Now()
		whole, err := exec.Command(program, args...).Output()
		require.NoError(t, err)
		lasts := time.Since(begin)
		file := filepath.Join(t.TempDir(), "x.ck")
		killed := 0
		for killed < *kills {
			run := append(args, "--checkpoint", file, "--checkpoint-every", "1ms")
			if _, err := os.Stat(file); err == nil {
				run = append(run, "--resume", file)
			}
			var out, errs bytes.Buffer
			cmd := exec.Command(program, run...)
			cmd.Stdout, cmd.Stderr = &out, &errs
			require.NoError(t, cmd.Start())
			kill := time.AfterFunc(time.Duration(rng.Int64N(int64(lasts))), func() { _ = cmd.Process.Kill() })
			err := cmd.Wait()
			if kill.Stop(); err != nil {
				require.Equal(t, "signal: killed", err.Error(), "%s", errs.String())
				killed++
				continue
			}
			require.Equal(t, string(whole), out.String(), "%s, after %d kills", name, killed)
			require.NoError(t, os.Remove(file))
		}
		args = append(args, "--checkpoint", file)
		if _, err := os.Stat(file); err == nil {
			args = append(args, "--resume", file)
		}
		require.Equal(t, string(whole), ok(t, args...), "%s, after %d kills", name, killed)
	}
}

// TestSnapshots: a run that goes on from a snapshot at a random cycle ends as one that was never
// stopped.
func TestSnapshots(t *testing.T) {
	dir := t.TempDir()
	var names []string
	for name, args := range trainings(t) {
		img := filepath.Join(dir, name+".img")
		ok(t, append(args, "--no-compare", "--image", img)...)
		names = append(names, img)
	}
	ok(t, "compile", tinyNet(t), "--synthetic", "40", "--epochs", "1", "-o", filepath.Join(dir, "tiny.img"))
	names = append(names, layer(t), filepath.Join(dir, "tiny.img"))
	rng := rand.New(rand.NewPCG(7, 8))
	file := filepath.Join(dir, "x.snap")
	for i := range *snapshots {
		img := names[i%len(names)]
		whole := bdfasim(t, "", "run", img, "--format", "json", "--dump", "scratch")
		require.Equal(t, exitOK, whole.code, whole.stderr)
		var end int
		_, err := fmt.Sscan(whole.stderr, &end)
		require.NoError(t, err, whole.stderr)
		at := fmt.Sprint(1 + rng.IntN(end-1))
		same := ok(t, "run", img, "--format", "json", "--dump", "scratch", "--checkpoint", file, "--snapshot-at", at)
		require.Equal(t, whole.out, same)
		require.Equal(t, whole.out, ok(t, "run", img, "--format", "json", "--dump", "scratch", "--resume", file),
			"%s from cycle %s", img, at)
	}
}

// TestResumeRefuses tells why a snapshot does not belong.
func TestResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	img, file := layer(t), filepath.Join(dir, "x.snap")
	ok(t, "run", img, "--checkpoint", file, "--snapshot-at", "50")
	good, err := os.ReadFile(file)
	require.NoError(t, err)
	other := filepath.Join(dir, "other.img")
	ok(t, "asm", "../../testdata/layer.s", "-D", "X=1", "-o", other)
	halt := filepath.Join(dir, "halt.img")
	ok(t, "asm", write(t, "halt.s", "_start: halt\n"), "-o", halt)
	for args, want := range map[string]string{
		halt:                         "program: got a snapshot of ",
		img + " --machine small":     "machine: got a snapshot of reference ",
		img + " --set clock_mhz=100": "machine: got a snapshot of reference ",
	} {
		r := bdfasim(t, "", append([]string{"run", "--resume", file}, strings.Fields(args)...)...)
		require.Equal(t, exitFailure, r.code)
		require.Contains(t, r.stderr, file+": "+want)
	}
	for what, data := range map[string][]byte{
		"checksum": append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1),
		"got no snapshot that this version of the program reads": []byte("bdfasim snapshot\x02........"),
	} {
		bad := filepath.Join(dir, "bad.snap")
		require.NoError(t, os.WriteFile(bad, data, 0o666))
		r := bdfasim(t, "", "run", img, "--resume", bad)
		require.Equal(t, exitFailure, r.code)
		require.Contains(t, r.stderr, what)
	}
	require.Equal(t, exitUsage, bdfasim(t, "", "run", img, "--snapshot-at", "5").code)
	r := bdfasim(t, "", "run", img, "--checkpoint", other, "--snapshot-at", "1000000")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "--snapshot-at: the run ended at cycle ")
	require.Contains(t, r.out, "Energy by unit")
	r = bdfasim(t, "", "run", img, "--resume", file, "--checkpoint", other, "--snapshot-at", "50")
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "want one after 50")
	require.Equal(t, exitUsage, bdfasim(t, "", "train", "--checkpoint-every", "often").code)
}
