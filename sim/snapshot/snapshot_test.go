package snapshot_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/sim/snapshot"
)

// inner is embedded: its fields belong to the state.
type inner struct{ N int8 }

type small uint16

// state has a field of each kind.
type state struct {
	inner
	B      bool
	F      float64
	I      int
	Fixed  [3]small
	Free   []int32
	Nested [][]int64
	Rows   []inner
	To     *int // leads to a neighbour
	passed int  // lasts for a cycle
}

func full() state {
	other := 1
	return state{
		inner{-5}, true, -0.5, -7, [3]small{1, 2, 65535}, []int32{1, -1 << 31}, [][]int64{{1}, nil, {-2, 3}},
		[]inner{{1}, {-128}}, &other, 9,
	}
}

func TestThereAndBack(t *testing.T) {
	from, count := full(), uint64(1)<<63
	data, err := snapshot.Encode(&from, &count)
	require.NoError(t, err)
	var got state
	var n uint64
	require.NoError(t, snapshot.Decode(data, &got, &n))
	require.Nil(t, got.To)
	require.Zero(t, got.passed)
	got.To, got.passed = from.To, from.passed
	require.Equal(t, from, got)
	require.Equal(t, count, n)
}

func TestDecodeRefuses(t *testing.T) {
	from := full()
	data, err := snapshot.Encode(&from)
	require.NoError(t, err)
	var n uint64
	require.EqualError(t, snapshot.Decode(data, &n), "got the state of another version of the program")
	require.Error(t, snapshot.Decode(append(data, 0), &state{}))
	for cut := range data {
		require.Error(t, snapshot.Decode(data[:cut], &state{}))
	}
	require.ErrorContains(t, snapshot.Decode(data, &state{Free: make([]int32, 3)}), "got 2 elements of []int32, want 3")
	text := "x"
	_, err = snapshot.Encode(&text)
	require.ErrorContains(t, err, "a string cannot be kept")
}

func file() snapshot.File {
	return snapshot.File{
		Of:    []snapshot.Of{{"machine", "reference"}, {"program", "abc"}},
		Parts: map[string][]byte{"chip": {1, 2, 3}, "model": nil, "other": []byte("\n{}")},
	}
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	f := file()
	require.NoError(t, f.Write(name))
	got, err := snapshot.Read(name, 1000)
	require.NoError(t, err)
	require.Equal(t, f.Of, got.Of)
	require.Equal(t, f.Parts["chip"], got.Parts["chip"])
	require.Equal(t, f.Parts["other"], got.Parts["other"])
	require.Empty(t, got.Parts["model"])
	require.NoError(t, got.Check(f.Of))
	require.EqualError(t, got.Check([]snapshot.Of{{"program", "def"}}), "program: got a snapshot of abc, want def")
	require.EqualError(t, got.Check([]snapshot.Of{{"data", "x"}}), "data: got a snapshot without it")
	_, err = snapshot.Read(name, 10)
	require.ErrorContains(t, err, name+": got more than the 10 bytes")

	data, err := os.ReadFile(name)
	require.NoError(t, err)
	for i := range data { // every byte counts
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		require.NoError(t, os.WriteFile(name, bad, 0o666))
		_, err := snapshot.Read(name, 1000)
		require.Error(t, err, "byte %d", i)
	}
}

// FuzzDecode: no bytes make a panic, or more memory than they are.
func FuzzDecode(f *testing.F) {
	from := full()
	data, err := snapshot.Encode(&from)
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, tail []byte) {
		var got state
		if err := snapshot.Decode(append(bytes.Clone(data[:8]), tail...), &got); err != nil {
			return
		}
		again, err := snapshot.Encode(&got)
		require.NoError(t, err)
		require.Equal(t, len(tail)+8, len(again))
	})
}

// FuzzRead: no file makes a panic.
func FuzzRead(f *testing.F) {
	name := filepath.Join(f.TempDir(), "x")
	whole := file()
	require.NoError(f, whole.Write(name))
	data, err := os.ReadFile(name)
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "x")
		require.NoError(t, os.WriteFile(name, data, 0o666))
		_, _ = snapshot.Read(name, 1<<20)
	})
}
