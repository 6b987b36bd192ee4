package compile

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
)

// room tells what is wrong with a batch of a network, before there are data.
func roomFor(t *testing.T, n *net.Net, batch, xmem int) error {
	t.Helper()
	layers, err := Lower(n, DefaultFormats())
	require.NoError(t, err)
	s := Spec{Net: n, Layers: layers, Rule: BP, Eta: 1. / 1024, Epochs: 1, Batch: batch, Machine: machine.Reference()}
	s.Machine.XMem.Bytes = xmem
	return Room(s, batch, 1)
}

// TestBatchThatFits: a batch that external memory does not hold is refused with one that fits, and
// one more does not.
func TestBatchThatFits(t *testing.T) {
	n, err := net.Preset("cnn-small")
	require.NoError(t, err)
	err = roomFor(t, n, 4096, 64<<20)
	require.ErrorContains(t, err, "external memory, lower half: needs ")
	found := regexp.MustCompile(`; a batch of (\d+) fits$`).FindStringSubmatch(fmt.Sprint(err))
	require.Len(t, found, 2, "%v", err)
	most, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	require.Greater(t, most, 128)
	layers, err := Lower(n, DefaultFormats())
	require.NoError(t, err)
	s := Spec{Net: n, Layers: layers, Rule: BP, Eta: 1. / 1024, Epochs: 1, Batch: most, Machine: machine.Reference()}
	s.Machine.XMem.Bytes = 64 << 20
	require.NoError(t, Room(s, 4096, 1))
	s.Batch++
	require.Error(t, Room(s, 4096, 1))
}

// TestLargeBatches: fully connected layers take 4,096 samples.
func TestLargeBatches(t *testing.T) {
	n, err := net.Preset("mdnet-head")
	require.NoError(t, err)
	require.NoError(t, roomFor(t, n, 4096, 256<<20))
	odd, err := net.Parse([]byte("input: {channels: 1, height: 30, width: 30}\nclasses: 5\n"+
		"layers: [conv: {out: 8, kernel: 3, pad: 1}, bn, relu, flatten, fc: {out: 5}]"), "odd")
	require.NoError(t, err)
	require.EqualError(t, roomFor(t, odd, 997, 1<<30), "compile: batch: got 997 samples with a normalisation of 30 rows in "+
		"layer conv1, want a number with a divisor up to 32 that leaves at most 4095 rows of 29910: "+
		"the normalisation unit takes as many; a batch of 996 fits")
}
