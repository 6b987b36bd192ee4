package compile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
)

// TestUsage: parts add up to their memories, and memories hold them.
func TestUsage(t *testing.T) {
	for _, name := range []string{"cnn-small", "lenet", "mlp-784-128-64-10", "mdnet-head"} {
		n, err := net.Preset(name)
		require.NoError(t, err)
		img, p, err := Build(sample(t, n, BP, "", 32, 40))
		require.NoError(t, err)
		sum, parts := 0, 0
		used := map[string]int{}
		for _, u := range p.Usage(img) {
			if u.Part != "" {
				sum, parts = sum+u.Used, parts+1
				continue
			}
			if parts > 0 {
				require.Equal(t, sum, u.Used, "%s: %s", name, u.Memory)
			}
			require.LessOrEqual(t, u.Used, u.Size)
			used[u.Memory], sum, parts = u.Used, 0, 0
		}
		require.Equal(t, p.OMEMWords+2*p.room.words*min(1, p.Convs()), used["omem"], name)
		require.Equal(t, p.Pointers+2*p.room.ptrs*min(1, p.Convs()), used["pointer table"], name)
		require.Equal(t, p.MaskWords, used["mask memory"], name)
	}
}

// TestPasses: every layer has a forward pass and an update, and errors go to all layers but the lowest.
func TestPasses(t *testing.T) {
	n, err := net.Preset("lenet")
	require.NoError(t, err)
	for rule, want := range map[string]map[string]int{
		BP: {"forward": 5, "errors": 4, "update": 5}, BDFA: {"forward": 5, "errors": 4, "update": 5}, ConvOnly: {"forward": 5, "errors": 4, "update": 2},
	} {
		_, p, err := Build(sample(t, n, rule, "", 32, 40))
		require.NoError(t, err)
		got := map[string]int{}
		for _, x := range p.Passes {
			got[x.Kind]++
			require.Positive(t, x.Blocks)
			require.Equal(t, rule == BDFA && x.Kind == "errors" && x.Strips == 0, x.Unit == "depc")
		}
		require.Equal(t, want, got, rule)
	}
}

func TestErrorBuffer(t *testing.T) {
	n, err := net.MLP(net.ReLU, 64, 300, 40, 10)
	require.NoError(t, err)
	for _, c := range []struct {
		rule, layer string
		arm         Arm
		errors      int
	}{{BP, "", ArmDNNC, 0}, {BP, "fc2", ArmEPC, 40}, {BFA, "fc2", ArmDEPC, 40}, {BDFA, "fc3", ArmDEPC, 10}} {
		_, p, err := Build(sample(t, n, c.rule, c.arm, 8, 8))
		require.NoError(t, err)
		layer, errors := p.ErrorBuffer()
		require.Equal(t, c.layer, layer, c.rule)
		require.Equal(t, c.errors, errors, c.rule)
	}
}

// TestXMemBytes: the size that it gives is enough and half of it is not.
func TestXMemBytes(t *testing.T) {
	n, err := net.Preset("cnn-small")
	require.NoError(t, err)
	s := sample(t, n, BP, "", 32, 2000)
	size, err := XMemBytes(s, 1<<20, 1<<30)
	require.NoError(t, err)
	s.Machine = machine.Reference()
	s.Machine.XMem.Bytes = size
	_, _, err = Build(s)
	require.NoError(t, err)
	s.Machine.XMem.Bytes = size / 2
	_, _, err = Build(s)
	require.ErrorContains(t, err, "external memory")
	_, err = XMemBytes(s, 1<<20, 1<<20)
	require.ErrorContains(t, err, "missing")
}
