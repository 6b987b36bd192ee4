package main

import (
	"errors"
	"fmt"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/power/table"
)

// raceTables are the table of run --race; none without the flag.
func (o *observers) raceTables(img *image.Image) []*table.Table {
	if o.races == nil {
		return nil
	}
	r := o.races.Report()
	t := findingTable("Races", img, r)
	if len(r.Findings) == 0 {
		t.Note("%d commands of units were watched: waits and interlocks order all that they access",
			r.Total())
	} else {
		t.Note("%d commands of units were watched; times: how many accesses met; what: the first one",
			r.Total())
	}
	reads := table.New("Reads of what nobody wrote", "command", "at", "mark", "memory", "from", "times")
	for _, r := range o.races.Reads() {
		c := r.Command
		reads.Row(isa.Lookup(c.Op).Name, where(img, c.PC), markOf(c), isa.Spaces[r.In].Name, hex(uint32(r.Addr)), r.Times)
	}
	return []*table.Table{t, reads}
}

// showRaces shows what was found until a run failed.
func (o *observers) showRaces(e *env, img *image.Image, f tableFlags) error {
	if o.raced() == nil {
		return nil
	}
	return f.write(e, o.raceTables(img)...)
}

// raced is the error of a run with races.
func (o *observers) raced() error {
	if o.races == nil {
		return nil
	}
	r := o.races.Report()
	var err error
	if n := len(r.Findings) + r.More; n > 0 {
		err = fmt.Errorf("race: pairs of accesses that nothing orders: %d", n)
	}
	if n := len(o.races.Reads()); n > 0 {
		err = errors.Join(err, fmt.Errorf("instructions that read what nobody wrote: %d", n))
	}
	return err
}
