package testbench

import (
	"context"
	"fmt"

	"bdfasim/rtl"
	"bdfasim/rtl/seq"
)

// drive steps a chip to the end of its program and calls tagDone when the commands of a mark are done. It returns the first
// error of tagDone, a fault, or that the limit of cycles has passed.
func drive(ctx context.Context, chip *rtl.Chip, limit uint64, tagDone func(seq.TagDone) error) error {
	w := chip.Wires()
	for !w.Seq.Finished {
		chip.Step()
		if chip.Faulted() {
			u, f := chip.Fault()
			return fmt.Errorf("cycle %d: %v raised fault %d at pc %#x, argument %#x", chip.Cycle(), u, f.Code, f.PC, f.Arg)
		}
		if w.Seq.TagDone.Valid {
			if err := tagDone(w.Seq.TagDone); err != nil {
				return err
			}
		}
		if chip.Cycle() > limit {
			return fmt.Errorf("no end within %d cycles: %v", limit, chip.Status())
		}
		if chip.Cycle()&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
