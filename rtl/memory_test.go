package rtl

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/port"
)

// The mask memory serves one request a cycle, the first of those that ask; the others wait.
func TestMaskMemoryHasOnePort(t *testing.T) {
	c, err := New(DefaultConfig())
	require.NoError(t, err)
	c.mask[5] = 0x1234
	var first, second port.MaskData
	write := port.MaskReq{Valid: true, Write: true, Addr: 5, Data: 0xabcd}
	read := port.MaskReq{Valid: true, Addr: 5}
	c.serveMask(&write, &first, false)
	c.serveMask(&read, &second, write.Valid)
	require.True(t, first.Valid)
	require.Equal(t, port.MaskData{}, second)
	require.EqualValues(t, 0xabcd, c.mask[5])
	write.Valid = false
	c.serveMask(&write, &first, false)
	c.serveMask(&read, &second, write.Valid)
	require.False(t, first.Valid)
	require.Equal(t, port.MaskData{Valid: true, Data: 0xabcd}, second)
}
