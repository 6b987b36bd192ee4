package sv

import (
	"reflect"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/port"
)

// modules are the names of the units' modules and folders.
var modules = [activity.NumUnits]string{"seq", "dma", "wld", "dnnc", "drain", "loss", "depc",
	"momentum", "norm", "epc", "lfsr", "omem", "xmem"}

// counted are events of one unit that another one counts, too.
var counted = map[activity.Unit][]activity.Event{
	activity.Drain: {activity.AccRead, activity.MaskRead, activity.MaskWrite},
	activity.DEPC:  {activity.MaskRead},
	activity.EPC:   {activity.MaskRead, activity.CornerTurn}, // its corner-turn is that of the loader
	activity.Mom:   {activity.AccRead},
	activity.DNNC:  {activity.WMEMWrite},
}

// Chip is a machine as SystemVerilog sees it.
type Chip struct {
	Config machine.Config
	Units  [activity.NumUnits]Unit
	types  types
}

// New describes a machine.
func New(c machine.Config) *Chip {
	chip := &Chip{Config: c, types: types{widths: widths(&c)}}
	ins, outs := reflect.TypeFor[rtl.Inputs](), reflect.TypeFor[rtl.Wires]()
	for u := range activity.NumUnits {
		chip.Units[u] = Unit{
			Unit: u, Module: modules[u], Events: events(u),
			In:  chip.types.ports(ins.Field(int(u)).Type),
			Out: chip.types.ports(outs.Field(int(u)).Type),
		}
	}
	chip.types.structure(reflect.TypeFor[port.Cmd](), "")
	for _, t := range []reflect.Type{reflect.TypeFor[norm.Shape](), reflect.TypeFor[norm.Walk]()} {
		inside := chip.types.structure(t, "")
		inside.Name = "norm_" + inside.Name
	}
	return chip
}

// widths are those that the tags of wires name.
func widths(c *machine.Config) port.Widths {
	w := port.WidthsOf(c)
	depc := errors.NewShape(c.DEPC.Neurons, c.DEPC.Inputs, c.DEPC.Classes, 0)
	w["blocks"] = depc.Widths(c)["blocks"]
	return w
}

// ports are the fields of an In or Out as one vector: the first in the lowest bits.
func (ts *types) ports(t reflect.Type) *Type {
	p := &Type{Fields: ts.fields(t, "")}
	for i := range p.Fields {
		p.Width += p.Fields[i].Bits()
	}
	return p
}

// events are what a unit counts, but for bits that change.
func events(u activity.Unit) (list []activity.Event) {
	for e, info := range activity.Events {
		if info.Unit == u && !isToggle(activity.Event(e)) && !leaves(u, activity.Event(e)) {
			list = append(list, activity.Event(e))
		}
	}
	return append(list, counted[u]...)
}

func isToggle(e activity.Event) bool {
	return e >= activity.ToggleX && e <= activity.EPCToggleOut
}

// leaves reports whether a unit leaves the counting of its own event to others.
func leaves(u activity.Unit, e activity.Event) bool {
	switch e {
	case activity.MaskRead, activity.MaskWrite:
		return u == activity.OMEM
	case activity.WMEMWrite:
		return u == activity.WLD
	}
	return false
}

// commands lists the units with commands, and isa's names for them.
var commands = map[activity.Unit]isa.Unit{
	activity.DMA: isa.UnitDMA, activity.WLD: isa.UnitWLD, activity.DNNC: isa.UnitDNNC,
	activity.Drain: isa.UnitDrain, activity.Loss: isa.UnitLoss, activity.DEPC: isa.UnitDEPC,
	activity.Mom: isa.UnitMom, activity.Norm: isa.UnitNorm, activity.EPC: isa.UnitEPC,
}
