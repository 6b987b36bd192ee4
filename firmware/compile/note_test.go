package compile

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa/asm"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
)

// built compiles a specification and takes the image through its file.
func built(t *testing.T, s Spec) (*image.Image, *Plan) {
	t.Helper()
	img, p, err := Build(s)
	require.NoError(t, err)
	b, err := img.Bytes()
	require.NoError(t, err)
	img, err = image.Read(b)
	require.NoError(t, err)
	return img, p
}

// An image gives back the plan that it was made by, and its memory the data of the specification.
func TestFromImage(t *testing.T) {
	n, err := net.MLP(net.ReLU, 20, 40, 37) // two groups of classes, two batches of test samples
	require.NoError(t, err)
	s := sample(t, n, BDFA, ArmDEPC, 4, 10)
	s.Feedback, s.Test = firmware.SRAM, s.Train
	feed(&s)
	for _, c := range append(combos(t), combo{"classes", s}) {
		img, want := built(t, c.spec)
		got, err := FromImage(img)
		require.NoError(t, err, c.name)
		require.True(t, reflect.DeepEqual(want, got), c.name) // a difference would fill pages
		requireData(t, &c.spec, got, firmware.Memory(img))
	}
}

// requireData compares what memory holds with the specification.
func requireData(t *testing.T, s *Spec, p *Plan, mem []byte) {
	t.Helper()
	for epoch := range s.Epochs {
		for k, step := 0, 0; k < s.samples().Epoch; step++ {
			x, y := p.TrainBatch(mem, epoch, step)
			require.NotEmpty(t, y)
			requireSamples(t, x, y, &s.Train, func(n int) int {
				if s.Orders == nil {
					return k + n
				}
				return s.Orders[epoch][k+n]
			})
			k += len(y)
		}
	}
	for k, step := 0, 0; k < len(s.Test.Labels); step++ {
		x, y := p.TestBatch(mem, step)
		require.NotEmpty(t, y)
		requireSamples(t, x, y, &s.Test, func(n int) int { return k + n })
		k += len(y)
	}
	for i := range s.top() {
		l := &p.Layers[i]
		if l.FeedbackAt != 0 {
			d := p.Feedback(mem, i)
			require.InDelta(t, s.D[i][0], math.Ldexp(float64(d[0]), -l.Fb), 1.0/4096)
			require.Len(t, d, l.ChipOutputs()*s.Net.Classes)
		}
		if p.Header.SignEntries > 0 && i >= p.firstError() {
			require.Equal(t, s.Signs[i], p.Signs(mem, i))
		}
	}
}

func requireSamples(t *testing.T, x []uint8, y []int, set *firmware.Set, at func(int) int) {
	t.Helper()
	size := len(x) / len(y)
	for n := range y {
		k := at(n)
		require.Equal(t, int(set.Labels[k]), y[n])
		require.Equal(t, set.Images[k*size:(k+1)*size], x[n*size:(n+1)*size])
	}
}

// A note survives the way through assembly text.
func TestFromAssembly(t *testing.T) {
	img, want := built(t, combos(t)[0].spec)
	var text bytes.Buffer
	require.NoError(t, disasm.Write(&text, img))
	require.Contains(t, text.String(), `.note	network, 1, " \"Rule\": \"bp\",\n"`)
	again, err := asm.Assemble(fstest.MapFS{"x.s": {Data: text.Bytes()}}, "x.s", asm.Options{})
	require.NoError(t, err)
	got, err := FromImage(again)
	require.NoError(t, err)
	require.True(t, reflect.DeepEqual(want, got))
}

func TestFromImageRefuses(t *testing.T) {
	note := func(old, with string) func(*image.Image) {
		return func(img *image.Image) {
			n := &img.Notes[0]
			changed := strings.Replace(string(n.Data), old, with, 1)
			if changed == string(n.Data) {
				panic(old + " is not in the note")
			}
			n.Data = []byte(changed)
		}
	}
	cut := func(n int) func(*image.Image) {
		return func(img *image.Image) { img.Notes[0].Data = img.Notes[0].Data[:n] }
	}
	order := func(img *image.Image) []byte {
		for _, s := range img.Segments {
			if s.Name == "order.train" {
				return s.Data
			}
		}
		panic("no order")
	}
	for want, spoil := range map[string]func(*image.Image){
		"got version 2, want 1":            func(img *image.Image) { img.Notes[0].Version = 2 },
		"unexpected EOF":                   cut(100),
		`unknown field "Rulf"`:             note(`"Rule"`, `"Rulf"`),
		"got more behind its end":          note("\n}\n", "\n}\n1"),
		"layers[4].fc.out: got 10, want 5": note(`classes: 10`, `classes: 5`),
		"layers[1].tanh: not on the chip":  note(`- relu`, `- tanh`),
		"formats: got 4 and 5 layers":      note(`"FBShift": [`, `"FBShift": [0,`),
		"samples: got {Train:-10":          note(`"Train": 10`, `"Train": -10`),
		"batch: got 0, want 1..4096":       note(`"Batch": 4`, `"Batch": 0`),
		"shift of the gradient: got -73":   note(`"Fv": 20`, `"Fv": 99`),
		"program: other instructions":      note(`"Fw": 12`, `"Fw": 11`),
		"program: another header":          note(`"Mu": 0.9`, `"Mu": 0.8`),
		"memory: got 67108896 bytes":       func(img *image.Image) { img.XMemBytes += 32 },
		"got sample 9 of class 65535":      func(img *image.Image) { copy(order(img)[18:], "\xff\xff") },
		"order of samples: got 0":          func(img *image.Image) { img.Segments = img.Segments[:1] },
		"not fit its program: other instr": func(img *image.Image) { img.Code[7]++ },
	} {
		img, _ := built(t, combos(t)[0].spec)
		spoil(img)
		_, err := FromImage(img)
		require.ErrorContains(t, err, want)
	}
	_, err := FromImage(&image.Image{})
	require.ErrorIs(t, err, ErrNoNetwork)
}

// Tensors name what lies where: of each layer the parameters, and maps that do not overlap others.
func TestTensorsOfPrograms(t *testing.T) {
	for _, c := range combos(t) {
		img, p := built(t, c.spec)
		end := map[string]uint64{
			"xmem": 8 * uint64(img.XMemBytes), "omem": 64 * uint64(p.OMEMWords),
			"mask": 16 * uint64(p.MaskWords),
		}
		taken := map[string]string{}
		for _, x := range img.Tensors {
			for k := range x.Len() {
				at, ok := x.Bit(k)
				if !ok {
					require.Contains(t, x.Layout, "rlc")
					require.LessOrEqual(t, x.Addr+x.Stride*uint32(x.Shape[0]), uint32(p.Pointers), x.Name)
					break
				}
				if at+uint64(x.Bits) > end[x.Space] {
					t.Fatalf("%s: %s ends behind its memory", c.name, x.Name)
				}
				if k == 0 || k == x.Len()-1 {
					place := fmt.Sprint(x.Space, at)
					require.Empty(t, taken[place], "%s: %s", c.name, x.Name)
					taken[place] = x.Name
				}
			}
		}
		mem := firmware.Memory(img)
		for i := 1; i <= p.spec.top(); i++ {
			l := &p.Layers[i]
			w, ok := img.Tensor(l.Name + ".W")
			require.True(t, ok)
			require.Equal(t, i, w.Layer)
			got := make([]int16, w.Len())
			for k := range got {
				got[k] = int16(w.Int(mem, k))
			}
			require.Equal(t, quantize[int16](l.chipWeights(c.spec.W[i]), l.Fw), got, l.Name)
			if !l.BN {
				continue
			}
			norm := c.spec.Norm[i]
			for name, want := range map[string]float64{
				"gamma": norm.Scale[1], "beta": norm.Shift[1], "var": 1,
			} {
				x, ok := img.Tensor(l.Name + ".bn." + name)
				require.True(t, ok)
				require.InDelta(t, want, math.Ldexp(float64(x.Int(mem, 1)), -x.Frac), 1e-5)
			}
		}
	}
}
