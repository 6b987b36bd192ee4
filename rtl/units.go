package rtl

import "bdfasim/rtl/activity"

// unit is what the chip asks of a unit besides ticking.
type unit interface {
	// Clocked is the number of register bits by the event that counts when they are clocked.
	Clocked() map[activity.Event]activity.Registers
}

// units lists the units by activity.Unit.
func (c *Chip) units() [activity.NumUnits]unit {
	return [activity.NumUnits]unit{
		activity.Seq: c.Seq, activity.DMA: c.DMA, activity.WLD: c.WLD, activity.DNNC: c.DNNC,
		activity.Drain: c.Drain, activity.Loss: c.Loss, activity.DEPC: c.DEPC, activity.Mom: c.Mom,
		activity.Norm: c.Norm, activity.EPC: c.EPC, activity.LFSR: c.LFSR, activity.OMEM: c.OMEM,
		activity.XMem: c.XMem,
	}
}
