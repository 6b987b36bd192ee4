package powertrace

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"bdfasim/power"
	"bdfasim/rtl/activity"
)

// CSV writes a line a window: from and to (cycles), phase and layer of the mark at the end, the energy of each unit, on-die,
// external and in all (attojoules), and the power of the last three (milliwatts, nine digits).
type CSV struct{ w *bufio.Writer }

// NewCSV writes the head of the table. Errors of w come with Flush: they do not end a run.
func NewCSV(w io.Writer) *CSV {
	c := &CSV{bufio.NewWriterSize(w, 1<<16)}
	c.w.WriteString("from,to,phase,layer")
	for _, name := range activity.UnitNames {
		c.w.WriteString("," + name + "_aJ")
	}
	c.w.WriteString(",on_die_aJ,external_aJ,total_aJ,on_die_mW,external_mW,total_mW\n")
	return c
}

// Write is a Sink.
func (c *CSV) Write(r *Record) error {
	b := c.w.AvailableBuffer()
	b = append(strconv.AppendUint(b, r.From, 10), ',')
	b = append(strconv.AppendUint(b, r.To, 10), ',')
	b = append(append(b, power.PhaseNames[r.Tag.Phase()]...), ',')
	b = strconv.AppendUint(b, uint64(r.Tag.Layer()), 10)
	for _, aj := range r.Unit {
		b = strconv.AppendInt(append(b, ','), int64(aj), 10)
	}
	totals := [...]power.Attojoules{r.OnDie, r.External, r.Total}
	for _, aj := range totals {
		b = strconv.AppendInt(append(b, ','), int64(aj), 10)
	}
	for _, aj := range totals {
		b = strconv.AppendFloat(append(b, ','), r.MW(aj), 'g', 9, 64)
	}
	_, _ = c.w.Write(append(b, '\n'))
	return nil
}

// Flush writes what is buffered.
func (c *CSV) Flush() error {
	if err := c.w.Flush(); err != nil {
		return fmt.Errorf("powertrace: csv: %w", err)
	}
	return nil
}
