package firmware

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProgramsFitAndAgreeWithTheStructures(t *testing.T) {
	for _, rule := range []string{BP, BDFA} {
		img, err := Program(rule, 16<<10, 4<<10)
		require.NoError(t, err)
		require.Less(t, len(img.Code)*8, 16<<10)
		value := func(name string) int {
			s, ok := img.Symbol(name)
			require.True(t, ok, "%s defines no %s", rule, name)
			return int(s.Value)
		}
		require.Equal(t, Magic, value("MAGIC"))
		require.Equal(t, weightBlock, value("W_BLOCK"))
		require.Equal(t, velBlock, value("V_BLOCK"))
		at := value("HEADER")
		for _, s := range []struct {
			v           any
			base, bytes string
			size        int
		}{
			{Header{}, "HEADER", "HEADER_BYTES", HeaderBytes},
			{Layer{}, "LAYER", "LAYER_BYTES", LayerBytes},
			{nil, "ORDER", "ORDER_BYTES", 32*orderEntry + burst},
			{EpochResult{}, "RECORD", "RECORD_BYTES", RecordBytes},
			{nil, "VARIABLES", "", 0},
		} {
			require.Equal(t, at, value(s.base), s.base)
			if s.bytes != "" {
				require.Equal(t, s.size, value(s.bytes), s.bytes)
			}
			at += s.size
			if s.v == nil {
				continue
			}
			typ := reflect.TypeOf(s.v)
			require.LessOrEqual(t, typ.NumField()*4, s.size)
			for i := range typ.NumField() {
				name := typ.Field(i).Tag.Get("asm")
				require.Equal(t, value(s.base)+4*i, value(name), "%s: %s", rule, name)
				require.Contains(t, snake(name), snake(typ.Field(i).Name))
			}
		}
	}
	_, err := Program("fa", 16<<10, 4<<10)
	require.ErrorContains(t, err, `"fa"`)
	_, err = Program(BP, 1<<10, 4<<10)
	require.ErrorContains(t, err, "instruction memory: program bp needs")
	_, err = Program(BP, 16<<10, 640)
	require.ErrorContains(t, err, "scratch memory: program bp needs 736 bytes, there are 640: 96 missing")
}

// runProgram runs a specification's image on the machine of machine_test.go.
func runProgram(t require.TestingT, s Spec) (*Plan, *machine) {
	img, p, err := Build(s)
	require.NoError(t, err)
	m := newMachine(img, p)
	require.NoError(t, m.run(5_000_000))
	return p, m
}

func TestProgramSchedule(t *testing.T) {
	for name, s := range map[string]Spec{
		"bp":               testSpec(BP, 40, 784, 300, 100, 10),
		"bdfa":             testSpec(BDFA, 40, 784, 300, 100, 10),
		"one layer bp":     testSpec(BP, 33, 100, 10),
		"one layer bdfa":   testSpec(BDFA, 33, 100, 10),
		"many layers bp":   testSpec(BP, 3, 5, 4, 64, 65, 128, 129, 3, 1, 17),
		"many layers bdfa": testSpec(BDFA, 3, 5, 4, 64, 65, 128, 129, 3, 1, 17),
	} {
		t.Run(name, func(t *testing.T) {
			p, m := runProgram(t, s)
			requireCovered(t, p, m)
		})
	}
}

// requireCovered demands that every step used every weight as often as it should.
func requireCovered(t require.TestingT, p *Plan, m *machine) {
	want := map[string]int{}
	step := 0
	for range p.Header.Epochs {
		for range p.Steps() {
			step++
			for i := 1; i < len(p.Layers); i++ {
				d := &p.Layers[i]
				want[fmt.Sprintf("update b%d step %d", i, step)] = int(d.NOut)
				want[fmt.Sprintf("update w%d step %d", i, step)] = int(d.NOut * d.NIn)
				blocks := uint32(ceilDiv(int(d.NOut), 64) * ceilDiv(int(d.NIn), 64))
				for b := range blocks {
					want[fmt.Sprintf("ff block %d step %d", d.Weights+b*weightBlock, step)] = 1
					if i > 1 && p.Rule() == BP {
						want[fmt.Sprintf("ep block %d step %d", d.Weights+b*weightBlock, step)] = 1
					}
				}
			}
		}
		for range ceilDiv(int(p.Header.TestN), int(p.Header.Batch)) {
			step++
			for i := 1; i < len(p.Layers); i++ {
				d := &p.Layers[i]
				for b := range uint32(ceilDiv(int(d.NOut), 64) * ceilDiv(int(d.NIn), 64)) {
					want[fmt.Sprintf("eval block %d step %d", d.Weights+b*weightBlock, step)] = 1
				}
			}
		}
	}
	require.Equal(t, want, m.check.touched)
}

func TestProgramRandomNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(1, 70), rapid.SampledFrom([]int{64, 128, 129, 256, 257, 300}))
		sizes := rapid.SliceOfN(size, 2, 5).Draw(t, "sizes")
		s := testSpec(rapid.SampledFrom([]string{BP, BDFA}).Draw(t, "rule"), rapid.IntRange(1, 40).Draw(t, "n"), sizes...)
		sizes[len(sizes)-1] = s.Sizes[len(sizes)-1]
		s.Batch = rapid.IntRange(1, 32).Draw(t, "batch")
		s.Eta = 0.0001
		s.Epochs = 1
		s.Capacities = DefaultCapacities()
		s.Capacities.DEPCClasses = 300
		s.Capacities.SignEntries = 4096
		if rapid.Bool().Draw(t, "stored") {
			s.Feedback, s.Signs = SRAM, testSigns(sizes)
		}
		p, m := runProgram(t, s)
		requireCovered(t, p, m)
	})
}

func TestProgramRecords(t *testing.T) {
	s := testSpec(BDFA, 40, 20, 10, 4)
	s.Epochs, s.EvalEvery, s.LRShiftEvery, s.LRShift, s.Batch = 5, 2, 2, 1, 16
	p, m := runProgram(t, s)
	results := p.Results(m.xmem)
	require.Len(t, results, 5)
	for e, r := range results {
		want := EpochResult{Epoch: uint32(e + 1), TrainN: 40, TrainCorrect: 40, Steps: uint32(3 * (e + 1)), Eta: p.EtaAt(e, 16)}
		if e%2 == 1 || e == 4 {
			want.TestN, want.TestCorrect = 5, 5
		}
		require.Equal(t, want, r)
	}
	require.Equal(t, uint32(1024), p.EtaAt(0, 16)) // 0.0078125 * 32/16
	require.Equal(t, uint32(2048), p.EtaAt(1, 8))
	require.Equal(t, uint32(512), p.EtaAt(2, 16))
	require.Equal(t, uint32(256), p.EtaAt(4, 16))
	require.Equal(t, 15, m.check.seen["ep 1"])
	require.Equal(t, 15, m.check.seen["wg 2"])
	require.Equal(t, 15+3, m.check.seen["ff 1"]+m.check.seen["eval 1"])
}

func TestProgramRefusesForeignHeader(t *testing.T) {
	img, p, err := Build(testSpec(BP, 3, 4, 2))
	require.NoError(t, err)
	m := newMachine(img, p)
	m.xmem[0]++
	require.ErrorContains(t, m.run(1000), "instruction 0x300000000000001") // trap 1
	m = newMachine(img, p)
	m.xmem[12] = ruleBDFA
	require.ErrorContains(t, m.run(1000), "instruction 0x300000000000002") // trap 2
}

func TestProgramLoadsInOrder(t *testing.T) {
	s := testSpec(BP, 11, 40, 3)
	s.Orders = [][]int{{10, 3, 3, 0, 7, 1, 2, 9, 8}, {1, 0, 2, 4, 6, 5, 3, 10, 9}} // nine of eleven samples
	s.Batch = 4
	p, m := runProgram(t, s)
	var want []sample
	for _, order := range s.Orders {
		for _, i := range order {
			want = append(want, sample{p.Header.TrainImages + uint32(i)*64, uint32(s.Train.Labels[i])})
		}
		for i, label := range s.Test.Labels {
			want = append(want, sample{p.Header.TestImages + uint32(i)*64, uint32(label)})
		}
	}
	require.Equal(t, want, m.check.samples)
}
