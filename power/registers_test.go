package power

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// machines are chips that have every register between them.
func machines(t *testing.T) map[string]*rtl.Chip {
	chips := map[string]*rtl.Chip{}
	for _, fields := range []string{
		"", "fused=true", "clock_mhz=400", "dnnc.lanes=64", "momentum.lanes=32",
		"depc.neurons=8 depc.inputs=32 lfsr.bits=32",
		"norm.channels=64 epc.kind=tree", "epc.kind=tree-gate epc.neurons=32 epc.inputs=8 epc.product_registers=1",
		"epc.kind=lane-mask", "epc.kind=lane-mask epc.neurons=8 clock_mhz=350",
	} {
		cfg := rtl.DefaultConfig()
		require.NoError(t, cfg.Set("test", strings.Fields(fields)...))
		chip, err := rtl.New(cfg)
		require.NoError(t, err, fields)
		chips[fields] = chip
	}
	return chips
}

// held are the registers of a unit that no clock event prices but another one, by that event.
type held struct {
	unit    activity.Unit
	clocked *[activity.NumEvents]activity.Registers
	recipes *[activity.NumEvents]recipe
	bits    map[activity.Event]int
}

// find adds those below v; it returns what is wrong with a field.
func (h *held) find(path string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Array, reflect.Slice:
		if e := v.Type().Elem().Kind(); e != reflect.Struct && e != reflect.Array {
			return nil
		}
		for i := range v.Len() {
			if err := h.find(path, v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
	default:
		return nil
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, at := f.Tag, path+"."+f.Name
		var err error
		switch {
		case tag.Get("mem") != "" || tag.Get("sim") != "":
		case tag.Get("clk") != "-":
			err = h.find(at, v.Field(i))
		default:
			err = h.price(at, tag, v.Field(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// price adds a field that lies in no group.
func (h *held) price(path string, tag reflect.StructTag, v reflect.Value) error {
	n := elements(v)
	for _, name := range strings.Fields(tag.Get("by")) {
		e := eventOf(name)
		if e == activity.NumEvents || activity.Events[e].Unit != h.unit {
			continue
		}
		switch r := &h.recipes[e]; {
		case e.IsClock():
			if h.clocked[e].Bits == 0 && n > 0 {
				return fmt.Errorf("%s: %s clocks no bits", path, e)
			}
		case bitsOf(r.terms, RegBit) > 0:
			width, err := strconv.Atoi(tag.Get("bits"))
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			h.bits[e] += n * width
		case r.mem.mem == "": // else the register is the memory's
			return fmt.Errorf("%s: %s prices no register", path, e)
		}
		return nil
	}
	return fmt.Errorf("%s: by: got %q, want an event of %s", path, tag.Get("by"), h.unit)
}

func elements(v reflect.Value) (n int) {
	if k := v.Kind(); k != reflect.Array && k != reflect.Slice {
		return 1
	}
	for i := range v.Len() {
		n += elements(v.Index(i))
	}
	return n
}

func eventOf(name string) activity.Event {
	for e := range activity.NumEvents {
		if e.String() == name {
			return e
		}
	}
	return activity.NumEvents
}

// No register is priced twice, and none is left out: each field of a unit's State and Out is in a
// group, or its tag names the event that prices it; the bits of both are those that leak and take
// area; and no event prices a register that is not there. Sums and weights of lanes, and the
// corner-turn of the EPC's, stand in no field.
func TestEveryRegisterHasOnePrice(t *testing.T) {
	for name, chip := range machines(t) {
		g := chip.Geometry()
		rs := recipes(g)
		units, wires := reflect.ValueOf(chip).Elem(), reflect.ValueOf(chip.Wires()).Elem()
		priced := map[activity.Event]bool{}
		for i := range wires.NumField() {
			unit := wires.Type().Field(i).Name
			u := activity.Unit(i)
			require.Equal(t, strings.ToUpper(unit), u.String())
			h := &held{u, &g.Clocked, &rs, map[activity.Event]int{}}
			require.NoError(t, h.find(unit, units.FieldByName(unit).Elem().FieldByName("State")), name)
			require.NoError(t, h.find(unit+".Out", wires.Field(i)), name)
			lane := g.AccBits + 16
			switch {
			case u == activity.DNNC:
				require.EqualValues(t, lane, bitsOf(rs[activity.MAC].terms, RegBit))
				h.bits[activity.MAC] = g.Lanes * lane
			case u == activity.EPC && epcLanes(g):
				h.bits[activity.EPCMul] = g.EPC.N * g.EPC.Inputs * lane
				h.bits[activity.CornerTurn] = 3 * 16 * 16 * 16
			}
			registers := g.RegBits(u)
			for e, n := range h.bits {
				registers += n
				priced[e] = priced[e] || n > 0
			}
			require.EqualValues(t, registers, logicOf(g, u).reg, "%s: %s", name, u)
		}
		l, err := Default65().Prices(g)
		require.NoError(t, err)
		for e := range activity.NumEvents {
			p := &l.Event[e]
			has := p.NotBuilt == "" && !e.IsClock() && bitsOf(p.Terms, RegBit) > 0
			require.Equal(t, has, priced[e], "%s: %s", name, e)
		}
	}
}
