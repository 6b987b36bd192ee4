package sv

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/port"
	"bdfasim/rtl/xmem"
)

// Package writes chip_pkg.sv: numbers of the machine, codes of the instruction set, structs.
func (c *Chip) Package(w io.Writer) {
	p := &printer{w: w}
	p.line("// Generated from the description of the machine and the tags of the Go units: make gen.")
	p.line("// verilator lint_off UNUSEDPARAM")
	p.line("package chip_pkg;")
	p.section("The machine")
	c.numbers(p)
	p.section("Codes")
	codes(p)
	p.section("What moves between units: the first field stands in the highest bits")
	for _, t := range append([]*Type{fault}, c.types.list...) {
		p.typedef(t)
	}
	p.section("What units count in a cycle")
	for i := range c.Units {
		c.Units[i].events(p)
	}
	p.line("endpackage")
	p.line("// verilator lint_on UNUSEDPARAM")
}

type printer struct{ w io.Writer }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }
func (p *printer) section(title string)            { p.line("\n  // %s.\n", title) }

func (p *printer) number(name string, v int64) {
	if v > math.MaxInt32 {
		p.line("  localparam logic [63:0] %s = 64'd%d;", name, v)
		return
	}
	p.line("  localparam int %s = %d;", name, v)
}

func (p *printer) code(name string, width int, v int) {
	p.line("  localparam logic [%d:0] %s = %d'd%d;", width-1, name, width, v)
}

// numbers writes every number of the description that is whole, and what follows from it.
func (c *Chip) numbers(p *printer) {
	m := &c.Config
	walkConfig(p, "", reflect.ValueOf(m).Elem())
	of := isa.Of(m)
	for s, info := range isa.Sizes {
		p.number(strings.ReplaceAll("N_"+info.Name, "N_N_", "N_"), int64(of[s]))
	}
	p.number("N_PRODUCT_REGISTERS", int64(m.ProductRegisters()))
	p.number("N_EPC_PRODUCTS", number(m.EPCProducts()))
	p.number("N_ERRORS_CHECK", int64(errors.CheckCycles(m)))
	stages, write := m.MomentumStages()
	p.number("N_MOM_STAGES", int64(len(stages)))
	p.number("N_MOM_WRITE", int64(write))
	p.number("N_NORM_STAGES", int64(len(m.NormStages())))
	p.number("N_NORM_SLOWER", int64(norm.Slower(m)))
	p.number("N_QUEUE", port.QueueDepth)
	p.number("N_PARAMS", port.NumParams)
	p.number("N_MARK_SLOTS", port.MarkSlots)
	p.number("N_PHASES", int64(isa.NumPhases))
	p.number("N_MAX_GROUPS", port.MaxGroups)
	p.number("SLOT_UNIT", xmem.SlotUnit)
	t := reflect.ValueOf(xmem.CyclesOf(m))
	for i := range t.NumField() {
		if f := t.Field(i); f.CanInt() {
			p.number("T_"+strings.ToUpper(Name(t.Type().Field(i).Name)), f.Int())
		} else if f.CanUint() {
			p.number("T_"+strings.ToUpper(Name(t.Type().Field(i).Name)), int64(f.Uint()))
		}
	}
	for _, name := range []string{"acc", "bank", "group", "lane", "mask", "pointer", "scratch", "word", "blocks"} {
		p.number("W_"+strings.ToUpper(name), int64(c.types.widths[name]))
	}
}

func walkConfig(p *printer, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		name = prefix + strings.ToUpper(name)
		switch f := v.Field(i); {
		case name == prefix+"-":
		case f.Kind() == reflect.Struct:
			walkConfig(p, name+"_", f)
		case f.CanInt():
			p.number(name, f.Int())
		case f.CanUint():
			p.number(name, int64(f.Uint()))
		case f.Kind() == reflect.Bool:
			p.number(name, number(f.Bool()))
		}
	}
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// codes writes what instructions and wires name by numbers.
func codes(p *printer) {
	for _, row := range isa.Table {
		p.code("OP_"+upper(row.Name), 8, int(row.Op))
		if row.Format == isa.FmtCmd {
			p.code("FLAGS_"+upper(row.Name), 16, int(row.FlagMask()))
		}
	}
	for _, f := range []struct {
		name string
		bit  uint16
	}{
		{"B1", isa.FlagB1}, {"FIRST", isa.FlagFirst}, {"LAST", isa.FlagLast}, {"FREE", isa.FlagFree},
		{"RAW", isa.FlagRaw}, {"NEW", isa.FlagNew}, {"T", isa.FlagT}, {"I16", isa.FlagI16},
		{"SRAM", isa.FlagSRAM}, {"X", isa.FlagX}, {"DROP", isa.FlagDrop}, {"ALL", isa.FlagAll},
		{"BN", isa.FlagBN}, {"EVAL", isa.FlagEval}, {"UPD", isa.FlagUpd},
	} {
		p.code("FLAG_"+f.name, 16, int(f.bit))
	}
	for u, info := range isa.Units {
		p.code("UNIT_"+upper(info.Name), 4, u)
		p.code("PARAMS_"+upper(info.Name), 5, len(info.Params))
		p.code("STATUS_"+upper(info.Name), 5, len(info.Status))
		for i, r := range info.Params {
			p.number("P_"+upper(info.Name)+"_"+upper(r.Name), int64(i))
		}
		for i, r := range info.Status {
			p.number("S_"+upper(info.Name)+"_"+upper(r.Name), int64(i))
		}
	}
	names(p, "BUS_", 2, int(port.BusGet)+1, "none", "param", "cmd", "get")
	names(p, "ST_", 3, int(activity.NumStatus), "idle", "busy", "wait_operand", "wait_weight", "wait_memory", "wait_drain")
	names(p, "F_", 4, int(port.NumFaults), "none", "illegal", "pc", "scratch", "trap", "loop", "xaddr", "omem_full",
		"omem_addr", "rlc", "param", "seed", "bank", "wmem")
	names(p, "XP_", 4, int(port.NumXPorts), "wld", "dma", "mom", "norm", "epc", "mom_w", "dma_w", "drain_w", "depc_w", "norm_w")
	names(p, "RP_", 3, int(port.NumRPorts), "wld", "loss", "depc", "dma", "epc")
	names(p, "WP_", 2, int(port.NumWPorts), "drain", "loss", "depc", "epc")
	names(p, "EP_", 1, int(port.NumEPorts), "drain", "dma")
	names(p, "STREAM_", 2, int(port.StreamGrad)+1, "rlc", "raw", "grad")
	for i, kind := range machine.EPCKind(0).Words() {
		p.number("EPC_KIND_"+upper(kind), int64(i))
	}
}

// names writes codes that count up. There are n of them in Go.
func names(p *printer, prefix string, width, n int, list ...string) {
	if len(list) != n {
		panic(fmt.Sprintf("sv: got %d names for %s, want %d: the list in Go has changed", len(list), prefix, n))
	}
	for i, name := range list {
		p.code(prefix+upper(name), width, i)
	}
}

func upper(name string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_", " ", "_").Replace(name))
}

func (p *printer) typedef(t *Type) {
	p.number("W_"+strings.ToUpper(t.Name), int64(t.Width))
	p.line("  typedef struct packed {")
	for i := range t.Fields {
		f := &t.Fields[i]
		p.line("    %s %s;", f.declaration(), f.Name)
	}
	p.line("  } %s;", t.Name)
}

// declaration is a field's type.
func (f *Field) declaration() string {
	switch {
	case f.Type != nil && f.Count == 0:
		return f.Type.Name
	case f.Bits() == 1:
		return "logic"
	}
	return fmt.Sprintf("logic [%d:0]", f.Bits()-1)
}

// EventBits is the width of the counter of an event in a cycle.
const EventBits = 12

// events writes the struct of a unit's events: a count each, 1 or 0 for a group of registers.
func (u *Unit) events(p *printer) {
	p.line("  typedef struct packed {")
	for _, e := range u.Events {
		p.line("    logic [%d:0] %s;", EventBits-1, activity.Events[e].Name)
	}
	p.line("  } %s_ev_t;", u.Module)
}
