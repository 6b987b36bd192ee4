package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/image"
)

// result is what a command line gave.
type result struct {
	code        int
	out, stderr string
}

// bdfasim runs a command line in this process; standard input is in.
func bdfasim(t *testing.T, in string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := execute(context.Background(), args, strings.NewReader(in), &out, &errs)
	narrow(t, out.String(), args)
	return result{code, out.String(), errs.String()}
}

// narrow holds tables and help to 80 columns: what programs or assemblers read may be wider.
func narrow(t *testing.T, out string, args []string) {
	t.Helper()
	line := strings.Join(args, " ") + " "
	for _, wide := range []string{"asm ", "disasm ", "config ", "--trace", "--dump", "-S ", "--show", "--print-tech",
		"--format", "--wide", "man ", "completion "} {
		if strings.Contains(line, wide) {
			return
		}
	}
	for row := range strings.Lines(out) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(row, "\n")), 80, "%s: %s", line, row)
	}
}

// ok runs a command line that must succeed and returns its output.
func ok(t *testing.T, args ...string) string {
	t.Helper()
	r := bdfasim(t, "", args...)
	require.Equal(t, exitOK, r.code, "%s", r.stderr)
	return r.out
}

// shown is a table in JSON.
type shown struct {
	Name, Title string
	Columns     []string
	Rows        [][]any
}

// tables are those of a document in JSON.
func tables(t *testing.T, out string) []shown {
	t.Helper()
	var d struct {
		SchemaVersion int `json:"schema_version"`
		Tables        []shown
	}
	require.NoError(t, json.Unmarshal([]byte(out), &d), out)
	require.Equal(t, schemaVersion, d.SchemaVersion)
	return d.Tables
}

// okWide is ok for tables that are not cut at 80 columns.
func okWide(t *testing.T, args ...string) string {
	t.Helper()
	return ok(t, append(args, "--wide")...)
}

// layer is the image of the small program of package sim.
func layer(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "layer.img")
	ok(t, "asm", "../../testdata/layer.s", "-o", name)
	return name
}

// images writes a data set of 8 x 8 pixels: 96 to train and 40 to test on, with a bright row or column that tells the class.
func images(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "stripes")
	require.NoError(t, os.Mkdir(dir, 0o777))
	write := func(kind string, n int) {
		pixels, labels := make([]byte, n*64), make([]byte, n)
		for k := range n {
			class := k * 7 % 10
			labels[k] = byte(class)
			for p := range 8 {
				at := class*8 + p
				if class >= 8 {
					at = p*8 + class - 8
				}
				pixels[k*64+at] = byte(150 + (k*31+p*17)%100)
			}
		}
		idx(t, filepath.Join(dir, kind+"-images-idx3-ubyte"), pixels, n, 8, 8)
		idx(t, filepath.Join(dir, kind+"-labels-idx1-ubyte"), labels, n)
	}
	write("train", 96)
	write("t10k", 40)
	return dir
}

// idx writes an IDX file of bytes with these dimensions.
func idx(t *testing.T, name string, b []byte, dims ...int) {
	file := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		file = binary.BigEndian.AppendUint32(file, uint32(d))
	}
	require.NoError(t, os.WriteFile(name, append(file, b...), 0o666))
}

func TestHelpTeaches(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}} {
		out := ok(t, args...)
		for _, name := range []string{"train", "compile", "demo", "run", "verify", "asm", "disasm", "power", "info", "version"} {
			require.Contains(t, out, "\n  "+name)
			if name != "version" {
				require.Contains(t, out, "\n    bdfasim "+name+" ", "an example")
			}
			require.Contains(t, ok(t, name, "--help"), "Usage: bdfasim "+name)
		}
	}
	require.Contains(t, ok(t, "version"), "ISA version 1")
}

// TestUsage: mistakes in the command line end with 2, one line, and the way to the help.
func TestUsage(t *testing.T) {
	for _, args := range []string{
		"bogus", "train --rule xx", "train --layers 784-x-10", "train --lr 2^x", "train --lr -1", "train --seeds 0", "train --format xml",
		"train --rule bp,bdfa --image x.img", "train --feedback none", "train --holdout 40 --test-samples 20", "train --rule bp,bp", "train --plot x.gif", "run", "run x.img --from 5 --to 4", "power", "power prices --epc x", "power study --table x", "power study --nets x", "power run x.img --plot x.gif", "demo --seeds 0", "asm x.s -D a=b",
		"train --rule bp,bdfa --save x.onnx", "train --rule bp --seeds 2 --save x.onnx", "train lenet --net lenet", "train lenet --layers 784-10", "train lenet --rule cdfa,dfa", "train lenet --arm x", "train --epc x",
		"compile", "compile lenet --rule x", "compile lenet -o x.s", "compile lenet --synthetic -1", "compile lenet --synthetic 8 --data x", "run x.img --epc x",
	} {
		r := bdfasim(t, "", strings.Fields(args)...)
		require.Equal(t, exitUsage, r.code, "%s: %s", args, r.stderr)
		require.Empty(t, r.out)
		require.Equal(t, 1, strings.Count(r.stderr, "\n"), r.stderr)
		require.Contains(t, r.stderr, "--help")
	}
}

// TestValues: a value that a flag cannot have is wrong usage, and is named with its flag.
func TestValues(t *testing.T) {
	const lr = "want 2^-17 to 0.9999847412109375, as a number or a power of two"
	for args, want := range map[string]string{
		"train --layers 784-0-10":         "got 0",
		"train --layers 784":              "layers 784: net: mlp: got 1 sizes, want at least 2",
		"train --epochs 0":                "--epochs: got 0, want 1 to 1048576",
		"train --batch 4097":              "--batch: got 4097, want 1 to 4096",
		"train --samples 5000":            "--samples: got 5000, want 1..2000 of fashion-mnist-2000/train, or 0 for all",
		"train --test-samples 5000":       "--test-samples: got 5000, want 1..2000",
		"train --samples -1":              "--samples: got -1, want 0 or more",
		"train --synthetic 0":             "--synthetic: got 0, want 1 or more",
		"train --momentum 1":              "--momentum: got 1, want 0 or more and less than 1",
		"train --momentum -.5":            "--momentum: got -0.5, want",
		"train --lr 5":                    "--lr: got 5, " + lr,
		"train --lr 1e-9":                 "--lr: got 1e-9, " + lr,
		"train --lr NaN":                  "--lr: got NaN, " + lr,
		"train --lr 2^1":                  "--lr: got 2^1, " + lr,
		"train --lr -1":                   "--lr: got -1, " + lr,
		"train --density 3":               "--density: got 3, want 0 to 1",
		"train --seeds 0":                 "--seeds: got 0, want 1 to 1000",
		"train --holdout 15":              "holdout: got 15 of the 2000 training images, want fewer, and a multiple of the 10 classes",
		"train --holdout 2000":            "holdout: got 2000",
		"train --holdout=-10":             "--holdout: got -10",
		"train --samples 50 --holdout 40": "holdout: got 3 training images of class",
		"power area --volt 3":             "--volt: got 3, want 0.7 to 1.1",
		"power area --tech nope":          "technology: got \"nope\", want one of",
		"power area --dram nope":          "dram: got \"nope\", want",
		"run x.img --from 5":              "from and to: cycles of a trace or a waveform, want --trace or --vcd",
		"run x.img --dump scratch --to 5": "from and to: cycles of a trace or a waveform",
		"power run x.img --from 5":        "from and to: of power over time, want --csv, --plot or --vcd",
		"run x.img --limit -1":            "--limit: expected a valid 64 bit uint",
	} {
		r := bdfasim(t, "", strings.Fields(args)...)
		require.Equal(t, exitUsage, r.code, "%s: %s", args, r.stderr)
		require.Contains(t, r.stderr, want, args)
	}
}

// TestStandardOutput: what cannot be written there is a failure, also for what kong prints.
func TestStandardOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	for _, args := range []string{"--help", "--version", "help run", "version", "man", "config", "power area"} {
		var errs bytes.Buffer
		code := execute(context.Background(), strings.Fields(args), nil, full, &errs)
		require.Equal(t, exitFailure, code, args)
		require.Contains(t, errs.String(), "no space left on device", args)
	}
}

// TestShells: the program itself completes command lines; help and man page know every command.
func TestShells(t *testing.T) {
	require.Equal(t, ok(t, "run", "--help"), ok(t, "help", "run"))
	require.Equal(t, ok(t, "--help"), ok(t, "help"))
	require.Equal(t, ok(t, "version"), ok(t, "--version"))
	require.Contains(t, ok(t, "man"), ".TH BDFASIM 1 \"0001-01-01\"")
	for _, shell := range []string{"bash", "zsh", "fish"} {
		require.Contains(t, ok(t, "completion", shell), "bdfasim")
	}
	require.Equal(t, exitUsage, bdfasim(t, "", "help", "nothing").code)
	for line, want := range map[string]string{
		"bdfasim ver": "verify\nversion\n", "bdfasim power a": "area\n", "bdfasim run --lim": "--limit\n",
		"bdfasim train --rule cb": "cbdfa\n",
	} {
		t.Setenv("COMP_LINE", line)
		require.ElementsMatch(t, strings.Fields(want), strings.Fields(ok(t)), line)
	}
}

// TestFailures: what does not work ends with 1 and a line that says why.
func TestFailures(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, b, 0o666))
		return name
	}
	good, err := os.ReadFile(layer(t))
	require.NoError(t, err)
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 4
	never := file("never.s", []byte("1: j 1b"))
	big := file("big.s", []byte(".xmem 0x8000000\n halt"))
	bad := file("bad.s", []byte(" nop\n .quad 0xff00000000000000\n"))
	for name, src := range map[string]string{"never.img": never, "big.img": big, "bad.img": bad} {
		ok(t, "asm", src, "-o", filepath.Join(dir, name))
	}
	for _, c := range []struct{ args, want string }{
		{"run " + dir + "/none.img", "no such file"},
		{"run " + file("text.img", []byte("hello, this is no image, but long enough to hold a header of an ELF file")), "not an ELF file"},
		{"run " + file("cut.img", good[:len(good)/2]), "cut.img"},
		{"run " + file("empty.img", nil), "not an ELF file"},
		{"run " + file("flipped.img", flipped), "checksum"},
		{"run " + dir + "/never.img --limit 500", "the program has not ended after 500 cycles"},
		{"run " + dir + "/bad.img", "cycle 3: SEQ: illegal instruction 0xff00000000000000, raised at pc 0x8 (bad.s:2)"},
		{"run " + dir + "/big.img --xmem-mb 64", "external memory: the image needs 134217728 bytes, the chip has 67108864"},
		{"power " + dir + "/bad.img", "illegal instruction"},
		{"info " + dir + "/none.img", "no such file"},
		{"disasm " + dir + "/text.img", "not an ELF file"},
		{"asm " + dir + "/none.s -o x", "none.s"},
		{"asm " + file("wrong.s", []byte("frob r1\n")) + " -o x", "wrong.s:1:1:"},
		{"train --layers 100-10", "network mlp-100-10: input: got 100, want 1 x 28 x 28 or 784"},
		{"train --layers 784-16-11", "network mlp-784-16-11: classes: got 11, want 10"},
		{"train --layers 784-340000-700-10", "pointer table: layer fc1: its output needs 170016 pointers, 8192 of 8192 are left: 161824 missing"},
		{"train --curve " + dir + "/nowhere/x.csv", "nowhere/x.csv: "},
		{"train -o " + dir + "/nowhere/x.txt", "nowhere/x.txt: "},
		{"demo -o " + dir + "/nowhere/x.txt", "nowhere/x.txt: "},
		{"train --data " + dir + "/nowhere", "nowhere: no such file or directory"},
		{"train --samples 32 --test-samples 32 --layers 784-16-10 --epochs 1 --limit 100", "bp, seed 1: the program has not ended after 100 cycles"},
		{"compile " + dir + "/none.yaml", "none.yaml: no such file or directory; want a YAML or .onnx file, or one of cnn-small, lenet"},
		{"compile " + file("bad.yaml", []byte(strings.Replace(convNet, "kernel: 3", "kernel: 0", 1))), "bad.yaml:5:28: layers[0].conv.kernel: got 0"},
		{"compile " + file("tanh.yaml", []byte(strings.Replace(convNet, "- relu", "- tanh", 1))), "layers[2].tanh: not on the chip"},
		{"compile " + file("bad.onnx", []byte{0x3a, 2, 0x0a}), "bad.onnx: byte"},
		{"compile " + file("op.onnx", bytes.Replace(onnxBytes(t), []byte("MaxPool"), []byte("MinPool"), 1)), "(MinPool)"},
		{"compile vgg16-cifar", "input: got 3 x 32 x 32, want 1 x 28 x 28 or 784, an image of fashion-mnist-2000/train; or --data PATH with other images, or --synthetic N"},
		{"compile vgg16-cifar --data " + dir, "got 0 folders, want 1..256 of PNG or JPEG files, one a class; or IDX files"},
		{"compile mlp-784-128-64-10 --data " + images(t), "input: got 784, want 1 x 8 x 8 or 64, an image of stripes/train; or --resize, which"},
		{"train --layers 64-8-4 --data " + images(t), "network mlp-64-8-4: classes: got 4, want 10 as in stripes/train: change classes and the outputs of the last layer"},
		{"train --data " + dir + "/bad.onnx", "bad.onnx: zip: not a valid zip file, want an .npz file or a folder"},
		{"train --layers 10-3 --resize --data " + images(t), "resize: got an input of 10, want 1 or 3 channels, or a number that is a square"},
		{"compile vgg-head-4096 --synthetic 32", "omem: layer fc1: its error needs 32768 words, 0 of 32768 are left: 32768 missing"},
		{"compile lenet --xmem-mb 1", "external memory, lower half: needs"},
		{"compile lenet --rule bdfa --arm epc", "got epc for rule bdfa, want depc"},
		{"compile lenet --rule bfa --feedback eq9", "rule bfa: got feedback from the initial weights"},
		{"compile lenet -o " + dir + "/nowhere/x.img", "nowhere/x.img: "},
		{"compile mlp-784-512-512-10 --rule conv-only", "no convolution, so nothing would learn"},
	} {
		r := bdfasim(t, "", strings.Fields(c.args)...)
		require.Equal(t, exitFailure, r.code, "%s: %s", c.args, r.stderr)
		if !strings.Contains(c.args, "--limit") { // what was measured until then is shown
			require.Empty(t, r.out, c.args)
		}
		require.Contains(t, r.stderr, c.want, c.args)
	}
}

// TestRoundTrip: disassembling and assembling gives the same file, through files and through pipes.
func TestRoundTrip(t *testing.T) {
	name := layer(t)
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	text := ok(t, "disasm", name)
	require.Contains(t, text, "dnnc.mac")
	r := bdfasim(t, text, "asm", "-")
	require.Equal(t, exitOK, r.code, r.stderr)
	require.Equal(t, string(want), r.out)
	again := filepath.Join(t.TempDir(), "again.img")
	r = bdfasim(t, text, "asm", "-", "-o", again)
	require.Equal(t, exitOK, r.code, r.stderr)
	got, err := os.ReadFile(again)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestRun(t *testing.T) {
	name := layer(t)
	out := ok(t, "run", name)
	require.Equal(t, out, ok(t, "run", name), "two runs")
	require.Contains(t, out, "By layer and phase")
	require.Contains(t, out, "Energy by unit (uJ)")
	require.Contains(t, out, "Energy by phase (uJ)")
	require.NotContains(t, out, "Epochs", "not a training program")

	require.Len(t, tables(t, ok(t, "run", name, "--format", "json")), 8)
	for _, part := range strings.Split(ok(t, "run", name, "--format", "csv"), "\n\n") {
		rows, err := csv.NewReader(strings.NewReader(part)).ReadAll()
		require.NoError(t, err)
		require.Greater(t, len(rows), 1)
	}
	file := filepath.Join(t.TempDir(), "report.txt")
	require.Empty(t, ok(t, "run", name, "-o", file))
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, out, string(got))
	require.Regexp(t, `^\d+ cycles simulated in .* million a second\n$`, bdfasim(t, "", "run", name).stderr)
}

// TestVCD records a part of a run; package wave tests the format.
func TestVCD(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.vcd")
	ok(t, "run", layer(t), "--vcd", file, "--from", "10", "--to", "20")
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	text := string(b)
	require.Contains(t, text, "$scope module DNNC $end")
	require.Contains(t, text, "\n#50000\n")
	require.NotContains(t, text, "\n#45000\n")
	require.True(t, strings.HasSuffix(text, "\n#105000\n"))
}

func TestInfo(t *testing.T) {
	out := ok(t, "info", layer(t))
	for _, want := range []string{"weights", "0x1000", "8192", "_start", "needs 16384 bytes of external memory"} {
		require.Contains(t, out, want)
	}
}

func TestPower(t *testing.T) {
	out := ok(t, "power", layer(t))
	require.Contains(t, out, "Energy by layer")
	require.Contains(t, out, "mac")
	require.Contains(t, ok(t, "power", "prices"), "left out, --wide shows: made of, why")
	prices := ok(t, "power", "prices", "--wide")
	require.Contains(t, prices, "Horowitz")
	require.Contains(t, prices, "Leakage")
}

// small is a network and a data set that train in a moment.
func small(t *testing.T, more ...string) []string {
	return append([]string{"--data", images(t), "--layers", "64-32-16-10", "--epochs", "3", "--eval-every", "2", "--xmem-mb", "1"}, more...)
}

// TestTrain trains with both rules and all kinds of feedback: the chip must end with the fixed-point model's integers.
func TestTrain(t *testing.T) {
	for _, more := range [][]string{
		{"--rule", "bp,bdfa", "--seeds", "2"},
		{"--rule", "bdfa", "--feedback", "eq9", "--lr", "0.01", "--lr-shift-every", "1", "--decay", "0.001"},
		{"--rule", "bdfa", "--init", "concordant", "--batch", "13", "--samples", "60"},
		{"--rule", "bp,dfa,bfa", "--arm", "epc", "--epc", "lane-mask", "--schedule", "fused"},
	} {
		out := ok(t, append([]string{"train", "--wide"}, small(t, more...)...)...)
		require.Contains(t, out, "of the chip equal the fixed-point model's")
		require.NotContains(t, out, "DIFFERS")
	}
}

func TestTrainReport(t *testing.T) {
	args := append([]string{"train"}, small(t, "--power", "--rule", "bdfa")...)
	out := ok(t, args...)
	for _, want := range []string{
		"Accuracy by epoch (%)", "bdfa, seed 1: Summary", "bdfa, seed 1: Cycles by phase", "bdfa, seed 1: Units (% of cycles)",
		"bdfa, seed 1: External memory", "bdfa, seed 1: Energy by unit and phase (uJ)", "bdfa, seed 1: Energy by layer", "bdfa, seed 1: Energy by event",
	} {
		require.Contains(t, out, want)
	}
	require.NotRegexp(t, `(?m)^ eval `, out, "tests do not count as training")
	require.Equal(t, out, ok(t, args...), "two runs")
}

// TestTrainFiles writes everything that train can write, and runs the image again.
func TestTrainFiles(t *testing.T) {
	dir := t.TempDir()
	img, curve, plot := filepath.Join(dir, "x.img"), filepath.Join(dir, "x.csv"), filepath.Join(dir, "x.png")
	ok(t, append([]string{"train"}, small(t, "--image", img, "--curve", curve, "--plot", plot)...)...)

	b, err := os.ReadFile(curve)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)
	require.Equal(t, []string{"bp", "1", "1"}, rows[1][:3])
	require.Empty(t, rows[1][5], "epoch 1 is not tested")
	require.Equal(t, rows[2][5], rows[2][6], "chip and fixed point")
	require.NotEmpty(t, rows[3][7])

	b, err = os.ReadFile(plot)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(b, []byte("\x89PNG")))

	_, err = image.ReadFile(img)
	require.NoError(t, err)
	require.Contains(t, ok(t, "run", img), "Epochs")
	info := ok(t, "info", img)
	require.Contains(t, info, "fc1 32 x 64, fc2 16 x 32, fc3 10 x 16")
	require.Regexp(t, `fc1\.W +\| xmem +\| blocks +\| 0x`, info)
}

func TestNoCompare(t *testing.T) {
	out := ok(t, append([]string{"train"}, small(t, "--no-compare")...)...)
	require.NotContains(t, out, "equal the fixed-point")
	require.Contains(t, out, "Summary")
	out = ok(t, append([]string{"train"}, small(t, "--no-compare", "--rule", "bp,bdfa", "--eval-every", "0")...)...)
	require.Regexp(t, `accuracy %, chip +\| +- \| +- \|`, out)
	require.Regexp(t, `chip equals fixed point +\| +- \| +- \|`, out)
}

// TestHoldout: the test images are not looked at: the same curve comes out whatever they are.
func TestHoldout(t *testing.T) {
	dir := images(t)
	curve := filepath.Join(t.TempDir(), "c.csv")
	train := func() (string, string) {
		out := ok(t, "train", "--data", dir, "--layers", "64-16-10", "--epochs", "2", "--holdout", "40", "--xmem-mb", "1", "--curve", curve)
		b, err := os.ReadFile(curve)
		require.NoError(t, err)
		return out, string(b)
	}
	out, before := train()
	require.Contains(t, out, "chip, fixed, float: of 40 held-out training images, not the test images")

	idx(t, filepath.Join(dir, "t10k-labels-idx1-ubyte"), make([]byte, 40), 40)
	_, after := train()
	require.Equal(t, before, after)
}

// TestInterrupted: ctrl-C ends with 130, says where, and shows what was measured.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	require.Equal(t, exitInterrupted, execute(ctx, append([]string{"train"}, small(t)...), nil, &out, &errs))
	require.Contains(t, out.String(), "Accuracy by epoch")
	require.Contains(t, errs.String(), "bdfasim: bp, seed 1: interrupted at cycle 0, `")
}

func TestDemo(t *testing.T) {
	args := []string{"demo", "--data", images(t), "--layers", "64-32-16-10", "--epochs", "2", "--seeds", "2"}
	out := ok(t, args...)
	require.Contains(t, out, "Learning: 64-32-16-10 on stripes/train, 2 epochs of 96 images\n")
	for _, row := range []string{`BP +\| +[0-9.]+ \+- [0-9.]+ \| [0-9. ]+ \| equal +\| 2\^-6`,
		`BDFA, concordant start \| .* equal +\| 2\^-8`, `BDFA, random signs +\| .* equal +\| 2\^-9`,
		`BP, MAC array +(\| +[0-9.]+ ){6}\n`, `BP, multipliers +\|`, `BDFA, adders +\|`} {
		require.Regexp(t, `(?m)^ `+row, out)
	}
	require.Contains(t, out, "rate: a quarter of it from epoch 3 on")
	lines := strings.Split(out, "\n")
	require.LessOrEqual(t, len(lines), 40, "one screen")
	for _, line := range lines {
		require.LessOrEqual(t, len(line), 80)
	}
	require.Equal(t, out, ok(t, args...), "two runs in parallel")
}
