package port

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
)

func TestRegBitsCountsTags(t *testing.T) {
	type stage struct {
		Valid bool  `bits:"1"`
		E     Group `bits:"16"`
	}
	type state struct {
		Queue
		Fault  Fault
		Sum    [2][3]int32 `bits:"20"`
		Wide   uint64      `bits:"33"`
		EBuf   []Group     `mem:"EBUF"`
		Stages [2]stage
	}
	want := 2 + 3 + NumParams*32 + QueueDepth*(8+16+4+NumParams*32) + 2*3*20 + 33 + 2*(1+16*16)
	require.Equal(t, want, RegBits(activity.Mom, nil, state{}))
	require.Equal(t, want, RegBits(activity.Mom, nil, &state{}))
}

func TestWidthsFollowTheConfiguration(t *testing.T) {
	type stage struct {
		Addr uint32 `bits:"word"`
		Row  uint8  `bits:"3"`
	}
	type state struct {
		At     uint16   `bits:"word"`
		Sum    [4]int32 `bits:"sum"`
		Stages [2]stage
	}
	require.Equal(t, 9+4*20+2*(9+3), RegBits(activity.Mom, Widths{"word": 9, "sum": 20}, &state{}))
	for name, w := range map[string]Widths{
		"no width": {"word": 9}, "too wide": {"word": 17, "sum": 20}, "zero": {"word": 0, "sum": 20}, "none": nil,
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, func() { RegBits(activity.Mom, w, state{}) }) })
	}
}

func TestRegBitsRefusesWhatItCannotCount(t *testing.T) {
	for name, state := range map[string]any{
		"no struct": 3,
		"no tag":    struct{ A uint8 }{},
		"slice":     struct{ A []uint8 }{},
		"platform int": struct {
			A int `bits:"8"`
		}{},
		"too wide": struct {
			A uint8 `bits:"9"`
		}{},
		"zero": struct {
			A uint8 `bits:"0"`
		}{},
		"not a number": struct {
			A uint8 `bits:"x"`
		}{},
		"tag on struct": struct {
			A struct{ B uint8 } `bits:"8"`
		}{},
		"pointer inside": struct{ A *Group }{},
	} {
		t.Run(name, func(t *testing.T) { require.Panics(t, func() { RegBits(activity.Mom, nil, state) }) })
	}
}
