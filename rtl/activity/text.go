package activity

import (
	"fmt"
	"slices"
)

// MarshalText writes the name, for files that outlive the numbers.
func (e Event) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads it.
func (e *Event) UnmarshalText(name []byte) error {
	i := slices.IndexFunc(Events[:], func(i Info) bool { return i.Name == string(name) })
	if i < 0 {
		return fmt.Errorf("event: got %q, want one that a unit counts", name)
	}
	*e = Event(i)
	return nil
}

// MarshalText writes the name.
func (u Unit) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads it.
func (u *Unit) UnmarshalText(name []byte) error {
	for v := range NumUnits {
		if v.String() == string(name) {
			*u = v
			return nil
		}
	}
	return fmt.Errorf("unit: got %q, want one of the chip's", name)
}
