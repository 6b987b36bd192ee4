package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"bdfasim/firmware/order"
	"bdfasim/isa"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
	"bdfasim/power/table"
	"bdfasim/sim"
)

// orderCmd looks for pairs of commands whose order depends on timing.
type orderCmd struct {
	Image string `arg:"" help:"Image to check."`
	Limit uint64 `placeholder:"N" help:"${limit}"`
	Waits bool   `help:"Show, too, how often each wait of the program told something new."`
	tableFlags
}

func (c *orderCmd) one() bool { return !c.Waits }

// Run is called by kong.
func (c *orderCmd) Run(e *env) error {
	img, err := image.ReadFile(c.Image)
	if err != nil {
		return err
	}
	e.about.image(filepath.Base(c.Image), img)
	r, failed := order.Check(img, order.Options{Limit: c.Limit})
	if failed != nil && len(r.Findings) == 0 {
		return failed
	}
	tables := []*table.Table{orderTable(img, r)}
	if c.Waits {
		tables = append(tables, waitTable(img, r))
	}
	if err := errors.Join(c.write(e, tables...), failed); err != nil {
		return err // what was found until then is shown
	}
	if n := len(r.Findings) + r.More; n > 0 {
		return fmt.Errorf("%s depends on timing; pairs of commands whose order nothing keeps: %d", c.Image, n)
	}
	return nil
}

// orderTable shows what depends on timing.
func orderTable(img *image.Image, r *order.Report) *table.Table {
	t := findingTable("Order", img, r)
	if len(r.Findings) == 0 {
		t.Note("%d instructions and %d commands of units were followed: none depends on timing", r.Instructions, r.Total())
		return t
	}
	t.Note("%d instructions and %d commands of units were followed; times: how often the two met; what: where they met first", r.Instructions, r.Total())
	return t
}

// findingTable shows findings.
func findingTable(title string, img *image.Image, r *order.Report) *table.Table {
	t := table.New(title, "command", "at", "mark", "does", "what", "of", "at|of_at", "mark|of_mark", "times")
	t.Records = true
	does := map[order.Hazard]string{
		order.ReadsUnwritten:    "reads before it is written",
		order.OverwritesUnread:  "overwrites before it is read",
		order.OverwritesWritten: "overwrites before it is written",
		order.Overlaps:          "writes it for one element, uses it for another",
	}
	for _, f := range r.Findings {
		c, o := f.Command, f.Other
		t.Row(isa.Lookup(c.Op).Name, where(img, c.PC), markOf(c), does[f.Hazard], f.What(), isa.Lookup(o.Op).Name, where(img, o.PC), markOf(o), f.Times)
	}
	if r.More > 0 {
		t.Note("%d further pairs are not shown", r.More)
	}
	return t
}

// waitTable shows what each wait of the program is good for.
func waitTable(img *image.Image, r *order.Report) *table.Table {
	t := table.New("Waits", "instruction", "at", "executed", "told something")
	for _, w := range r.Waits {
		text := disasm.Line(img.Code[w.PC/isa.WordBytes], img.Symbols)
		t.Row(strings.Join(strings.Fields(text), " "), where(img, w.PC), w.Executed, w.Told)
	}
	t.Note("this image could do without a wait that never told something: interlocks, full queues or other waits tell the same")
	return t
}

// where gives an instruction's place: pc, source line and label.
func where(img *image.Image, pc uint32) string { return sim.SiteAt(img, pc).String() }

// markOf names the mark that a command was issued under.
func markOf(c order.Command) string { return fmt.Sprintf("%s %d", c.Phase, c.Layer) }
