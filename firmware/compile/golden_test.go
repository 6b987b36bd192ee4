package compile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
)

var update = flag.Bool("update", false, "write the golden file anew")

// combo is a specification that leads through the compiler by a way of its own.
type combo struct {
	name string
	spec Spec
}

const dropped = "fc: {out: 40}, relu, dropout: {rate: 0.5}, " +
	"fc: {out: 30}, relu, dropout: {rate: 0.5}, fc: {out: 5}"

// combos are networks, rules, arms and schedules, so that each pass of the compiler takes each of
// its branches.
func combos(t *testing.T) []combo {
	t.Helper()
	preset := func(name string) *net.Net {
		n, err := net.Preset(name)
		require.NoError(t, err)
		return n
	}
	mlp, err := net.MLP(net.ReLU, 100, 270, 30, 10)
	require.NoError(t, err)
	wide, err := net.MLP(net.ReLU, 600, 40, 5)
	require.NoError(t, err)
	cnn, drop := parse(t, false, small), parse(t, true, dropped)
	deep := parse(t, false, "conv: {out: 70, kernel: 3, stride: 2, pad: 1}, relu, "+
		"conv: {out: 8, kernel: 3, pad: 1, bias: false}, bn, relu, flatten, fc: {out: 5}")
	omem := func(words int) func(*Spec) { return func(s *Spec) { s.Machine.OMEM.Words = words } }
	fused := func(s *Spec) { s.Fused = true }
	stored := func(s *Spec) { s.Feedback = firmware.SRAM }
	short := func(s *Spec) { // a short last batch, epochs in other orders, a test set
		s.Epochs, s.EvalEvery, s.Orders = 2, 1, [][]int{{4, 3, 2, 1, 9}, {0, 1, 2, 9, 4}}
		s.Test = firmware.Set{Images: s.Train.Images[:3*s.Net.Input.Size()], Labels: s.Train.Labels[:3]}
		s.LRShiftEvery, s.LRShift, s.Lambda = 1, 1, 5e-4
	}
	var out []combo
	add := func(n *net.Net, rule string, arm Arm, change ...func(*Spec)) {
		s := sample(t, n, rule, arm, 4, 10)
		s.Machine = machine.Reference()
		s.Machine.DEPC.Classes, s.Machine.DEPC.SignEntries = 1024, 4096
		for _, f := range change {
			f(&s)
		}
		feed(&s)
		schedule := map[bool]string{false: "plain", true: "fused"}[s.Fused]
		name := fmt.Sprintf("%d-%s-%s-%s-%s", len(out)+1, n.Name, rule, s.Arm, schedule)
		out = append(out, combo{name, s})
	}
	add(mlp, BP, ArmDNNC, short)
	add(mlp, BP, ArmEPC, fused)
	add(mlp, DFA, ArmDNNC, fused, short)
	add(mlp, DFA, ArmEPC)
	add(mlp, BDFA, ArmDEPC, short)
	add(mlp, BDFA, ArmDEPC, fused, stored)
	add(mlp, BFA, ArmDEPC, func(s *Spec) { s.InputError, s.Layers[0].FBShift = true, 2 })
	add(mlp, DFA, ArmEPC, func(s *Spec) { s.InputError = true })
	add(wide, BP, ArmDNNC, fused, omem(704), short)
	add(wide, DFA, ArmDNNC, omem(504))
	add(mlp, BP, ArmDNNC, func(s *Spec) { s.Density = 0.3 })
	add(drop, BDFA, ArmDEPC, short)
	add(cnn, BP, ArmEPC, short, omem(1040))
	add(cnn, DFA, ArmDNNC, short)
	add(cnn, BDFA, ArmDEPC, stored, fused)
	add(cnn, ConvOnly, ArmDNNC, omem(4000))
	add(cnn, BFA, ArmDEPC, fused, omem(1224))
	add(preset("lenet"), BP, ArmDNNC, fused, omem(1760))
	add(preset("cnn-small"), BDFA, ArmDEPC, short)
	add(preset("lenet"), BFA, ArmDEPC)
	add(deep, BDFA, ArmDEPC, func(s *Spec) { s.Density = 0.5 }, short)
	slow := func(s *Spec) { s.Eta = 1. / 1024 }
	big := func(s *Spec) { s.Batch, s.Eta = 100, 1./1024 }
	rates := parse(t, true, "fc: {out: 40, lr-scale: 0.5}, relu, dropout: {rate: 0.5}, "+
		"fc: {out: 30}, relu, fc: {out: 5, lr-scale: 10}")
	add(rates, BP, ArmEPC, fused, slow)
	add(rates, BDFA, ArmDEPC, big, short)
	add(deep, BP, ArmDNNC, big, short)
	add(parse(t, false, "conv: {out: 8, kernel: 2}, relu, maxpool: {kernel: 3}, flatten, fc: {out: 5}"),
		ConvOnly, ArmDNNC, big)
	return out
}

// feed draws biases, normalisations and what the rule feeds back.
func feed(s *Spec) {
	rng := rand.New(rand.NewPCG(3, 4))
	n, p := len(s.Layers), s.outline()
	s.B, s.Norm = make([][]float64, n), make([]Norm, n)
	s.D, s.Signs = make([][]float64, n), make([][]int8, n)
	normal := func(n int) []float64 {
		out := make([]float64, n)
		for k := range out {
			out[k] = rng.NormFloat64() / 4
		}
		return out
	}
	for i := range n - 1 {
		l := &p.Layers[i].Layer
		s.D[i] = normal(l.Outputs() * s.Net.Classes)
		for range l.ChipOutputs() * s.Net.Classes {
			s.Signs[i] = append(s.Signs[i], int8(2*rng.IntN(2)-1))
		}
		s.Layers[i].FBShift = max(1, s.Layers[i].FBShift)
	}
	for i := 1; i < n; i++ {
		l := &s.Layers[i]
		if l.Bias {
			s.B[i] = normal(l.OutC)
		}
		if l.BN {
			s.Norm[i] = Norm{Scale: normal(l.OutC), Shift: normal(l.OutC)}
		}
	}
}

// sums are the SHA-256 of what the chip gets of an image, and of what is there to read: symbols
// and assembly.
func sums(img *image.Image, p *Plan) string {
	var chip, text bytes.Buffer
	for _, v := range []any{img.Entry, img.XMemBytes, img.Code, img.Scratch} {
		if err := binary.Write(&chip, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	for _, s := range img.Segments {
		fmt.Fprintln(&chip, s.Name, s.Addr, len(s.Data))
		chip.Write(s.Data)
	}
	for _, s := range slices.SortedFunc(slices.Values(img.Symbols), image.Symbol.Compare) {
		fmt.Fprintln(&text, s.Name, s.Space, s.Value)
	}
	text.WriteString(p.Assembly())
	return fmt.Sprintf("program %x\ntext    %x\n",
		sha256.Sum256(chip.Bytes()), sha256.Sum256(text.Bytes()))
}

// Who changes the compiler without meaning to change its programs changes none of them.
func TestProgramsStayTheSame(t *testing.T) {
	const file = "testdata/programs.sha256"
	var got strings.Builder
	for _, c := range combos(t) {
		img, p, err := Build(c.spec)
		require.NoError(t, err, c.name)
		fmt.Fprintf(&got, "%s\n%s", c.name, sums(img, p))
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}
