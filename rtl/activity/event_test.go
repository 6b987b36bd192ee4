package activity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
)

// Every event has a row of its own: a name that no other has, as reports print it. A unit's clock
// event is that unit's.
func TestEvents(t *testing.T) {
	names := map[string]activity.Event{}
	for e := range activity.NumEvents {
		name := e.String()
		require.Regexp(t, `^[a-z]+(_[a-z]+)*$`, name, "event %d", e)
		require.NotContains(t, names, name, "events %d and %d", e, names[name])
		names[name] = e
	}
	for u := range activity.NumUnits {
		require.Equal(t, u, activity.Events[activity.Active(u)].Unit, "%v", activity.Active(u))
	}
}

// Every unit has a name of its own.
func TestUnits(t *testing.T) {
	names := map[string]bool{}
	for u := range activity.NumUnits {
		require.Regexp(t, `^[A-Z]+$`, u.String(), "unit %d", u)
		require.False(t, names[u.String()], "%v is there twice", u)
		names[u.String()] = true
	}
}
