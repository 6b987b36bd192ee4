package onnx

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// external is a tensor of 4 x 2 FLOATs whose numbers lie in another file; entries are key and value in turn.
func external(name string, entries ...string) []byte {
	var b []byte
	for i := 0; i < len(entries); i += 2 {
		b = appendBytes(b, 13, appendText(appendText(nil, 1, entries[i]), 2, entries[i+1]))
	}
	return tensorBytes(name, typeFloat, []int{4, 2}, appendInt(b, 14, 1))
}

// Numbers in other files are read from the folder of the model and below it, and from nowhere else.
func TestExternalData(t *testing.T) {
	outside, folder := t.TempDir(), t.TempDir()
	file := make([]byte, 64)
	for k := range 16 {
		file[4*k+2], file[4*k+3] = 0x80, 0x3f // 1
	}
	write := func(path string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, file, 0o666))
	}
	write(filepath.Join(outside, "secret"))
	write(filepath.Join(folder, "w.bin"))
	write(filepath.Join(folder, "sub", "w.bin"))
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret"), filepath.Join(folder, "out")))
	require.NoError(t, os.Symlink(outside, filepath.Join(folder, "dir")))
	require.NoError(t, os.Symlink("sub/w.bin", filepath.Join(folder, "in")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o666))

	parse := func(tensor []byte) error {
		m, err := Options{Folder: folder}.Parse(weight(tensor), "f")
		if err == nil {
			require.Equal(t, []float64{1, 1, 1, 1, 1, 1, 1, 1}, m.W[0])
		}
		return err
	}
	for _, entries := range [][]string{
		{"location", "w.bin", "length", "32"}, {"location", "w.bin", "offset", "32"}, {"location", "in", "offset", "32", "length", "32"},
		{"location", "sub/w.bin", "offset", "4", "length", "32", "checksum", "?"}, {"location", "./sub/../w.bin", "length", "32"},
	} {
		require.NoError(t, parse(external("w", entries...)), entries)
	}
	for _, c := range []struct {
		want    string
		entries []string
	}{
		{`external data "../secret": got a file that is not in the folder of the model, want one that is`, []string{"location", "../secret"}},
		{`external data "/etc/passwd": got a file that is not in`, []string{"location", "/etc/passwd"}},
		{`external data "../../secret": got a file that is not in`, []string{"location", "sub/../../../secret"}},
		{`external data "out": path escapes from parent`, []string{"location", "out"}},
		{`external data "dir/secret": path escapes from parent`, []string{"location", "dir/secret"}},
		{`external data ".": got d---------, want a file`, []string{"location", ""}},
		{`external data ".": got d---------, want a file`, []string{"offset", "0"}},
		{`external data "sub": got d---------, want a file`, []string{"location", "sub"}},
		{`external data "pipe": got p---------, want a file`, []string{"location", "pipe"}},
		{`external data "none": no such file or directory`, []string{"location", "none"}},
		{`external data "w.bin": got "" bytes from "-1" on of 64, want 32`, []string{"location", "w.bin", "offset", "-1"}},
		{`external data "w.bin": got "99999999999999999999" bytes from "0" on`, []string{"location", "w.bin", "length", "99999999999999999999"}},
		{`external data "w.bin": got "31" bytes from "0" on of 64, want 32 of dims [4 2]`, []string{"location", "w.bin", "length", "31"}},
		{`external data "w.bin": got "32" bytes from "33" on of 64, want 32`, []string{"location", "w.bin", "offset", "33", "length", "32"}},
		{`external data "w.bin": got "32" bytes from "9223372036854775807" on of 64`, []string{"location", "w.bin", "offset", "9223372036854775807", "length", "32"}},
	} {
		require.ErrorContains(t, parse(external("w", c.entries...)), `f: node 0 "y" (MatMul): input 1: initializer 0 "w": `+c.want)
	}

	f := newFile(0, 4).initializer(external("w", "location", "w.bin", "length", "32")).initializer(external("v", "location", "./w.bin", "offset", "8", "length", "32"))
	f.node("Constant", nil, words("perm"), attrIs("value_ints", 1, 0)).node("Transpose", words("v"), words("vt"), attrIs("perm", 1, 0))
	_, err := Options{Folder: folder}.Parse(f.node("MatMul", words("x", "w"), words("m")).node("MatMul", words("m", "vt"), words("y")).bytes(), "f")
	require.NoError(t, err) // together they are as long as the file
	f = newFile(0, 4)
	for _, name := range words("a", "b", "c") {
		f.initializer(external(name, "location", "w.bin", "length", "32"))
	}
	f.node("MatMul", words("x", "a"), words("m")).node("Gemm", words("m", "b"), words("n"), attrI("transB", 1))
	_, err = Options{Folder: folder}.Parse(f.node("MatMul", words("n", "c"), words("y")).bytes(), "f")
	require.ErrorContains(t, err, `initializer 2 "c": external data "w.bin": got tensors that overlap, want each byte used once`)

	huge := appendInt(appendBytes(nil, 13, appendText(appendText(nil, 1, "location"), 2, "w.bin")), 14, 1)
	require.ErrorContains(t, parse(tensorBytes("w", typeFloat, []int{1 << 14, 1 << 14}, huge)), "want") // and no memory is taken
	_, err = Options{Folder: filepath.Join(folder, "none")}.Parse(weight(external("w")), "f")
	require.ErrorContains(t, err, "no such file")
}

// Numbers that are shared are counted as often as they are used: a small file must not become a large model.
func TestSharedNumbersHaveAnEnd(t *testing.T) {
	const n = 1 << 17
	f := newFile(0, n).floats("s", n).floats("w", n, 2)
	at := "x"
	for range 40 {
		f.node("BatchNormalization", words(at, "s", "s", "s", "s"), words(at+"+"))
		at += "+"
	}
	_, err := Parse(f.node("MatMul", words(at, "w"), words("y")).bytes(), "f")
	require.ErrorContains(t, err, `got many times as many uses of numbers as the file has numbers, want fewer`)
	many := strings.Repeat("\x0a\x00", maxMessages+1)
	_, err = Parse(appendBytes(nil, 7, []byte(many)), "f")
	require.ErrorContains(t, err, "f: byte 262146 (graph): got more than 131072 messages, want fewer")
}
