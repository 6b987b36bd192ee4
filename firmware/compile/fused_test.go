package compile

import (
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
)

// fusedSpec is a fully connected network on zeros with a fused schedule.
func fusedSpec(t *testing.T, omem int, sizes ...int) Spec {
	t.Helper()
	n, err := net.MLP(net.ReLU, sizes...)
	require.NoError(t, err)
	layers, err := Lower(n, DefaultFormats())
	require.NoError(t, err)
	s := Spec{Net: n, Layers: layers, Rule: BP, Fused: true, Eta: 0.01, Epochs: 1, Batch: 8, Seed: 1, W: make([][]float64, len(layers)), Machine: machine.Reference()}
	for i := 1; i < len(layers); i++ {
		s.W[i] = make([]float64, layers[i].InC*layers[i].OutC)
	}
	s.Machine.OMEM.Words = omem
	s.Train = firmware.Set{Images: make([]byte, 20*sizes[0]), Labels: make([]uint16, 20)}
	return s
}

// TestPlanFused: the maps of two batches, errors, logits and the buffers of a streamed input lie beside each other, and in the memory.
func TestPlanFused(t *testing.T) {
	for _, c := range []struct {
		omem     int
		streamed bool
	}{{4800, false}, {2000, true}} {
		_, p, err := Build(fusedSpec(t, c.omem, 200, 70, 33, 5))
		require.NoError(t, err)
		require.Equal(t, c.streamed, p.Layers[1].Streamed)
		type area struct{ from, to int }
		var words, pointers []area
		twice := func(ptr uint32, blocks uint32, alloc, limit uint32) {
			for k := range 2 {
				words = append(words, area{int(alloc) + k*p.copyWords, int(limit) + k*p.copyWords})
				pointers = append(pointers, area{int(ptr) + k*p.copyPtrs, int(ptr+8*blocks) + k*p.copyPtrs})
			}
		}
		if first := &p.Layers[1]; !c.streamed {
			twice(first.In, first.InBlocks, first.InAlloc, first.InLimit)
			require.EqualValues(t, 7, first.InBlocks, "200 elements in blocks of 32")
		} else {
			for k, a := range p.streamAlloc {
				words = append(words, area{int(a), int(a) + 8*16})
				pointers = append(pointers, area{int(p.streamPtr[k]), int(p.streamPtr[k]) + 8*2})
			}
			require.Equal(t, 8*int(p.Header.ImageStride), p.copyBytes)
		}
		for i := 1; i < len(p.Layers); i++ {
			l := &p.Layers[i]
			words = append(words, area{int(l.Err), int(l.Err + 8*l.ErrStep)})
			if i == len(p.Layers)-1 {
				words = append(words, area{int(l.Out), int(l.Out + 8*l.OutStep)})
			} else {
				twice(l.Out, l.OutStep, l.OutAlloc, l.OutLimit)
			}
		}
		for _, list := range []struct {
			areas []area
			used  int
		}{{words, p.OMEMWords}, {pointers, p.Pointers}} {
			sort.Slice(list.areas, func(a, b int) bool { return list.areas[a].from < list.areas[b].from })
			for k := range list.areas[1:] {
				require.LessOrEqual(t, list.areas[k].to, list.areas[k+1].from)
			}
			require.Equal(t, list.used, list.areas[len(list.areas)-1].to)
		}
		require.LessOrEqual(t, p.OMEMWords, c.omem)
	}
}

// TestFusedRefusals name what is wrong.
func TestFusedRefusals(t *testing.T) {
	_, _, err := Build(fusedSpec(t, 1000, 200, 70, 33, 5))
	require.EqualError(t, err, "compile: omem: layer fc1: the second copy of all maps needs 320 words, 168 of 1000 are left: 152 missing")
	s := fusedSpec(t, 4000, 20, 5)
	s.Rule = ConvOnly
	_, _, err = Build(s)
	require.ErrorContains(t, err, "conv-only")
}
