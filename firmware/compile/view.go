package compile

import (
	"fmt"
	"math/bits"
	"reflect"
	"text/template"

	"bdfasim/firmware"
)

// layerView is a layer as program.tmpl sees it.
type layerView struct {
	*LayerPlan
	I         int  // its number
	Hidden    bool // below the top
	Split     uint32
	Shifts    shifts
	Tiles     int // runs of lanes
	Blocks    int // of 64 inputs
	MapBlocks int // of as many inputs as the schedule works on at a time
}

func (e *emitter) layer(i int) layerView {
	s, l := e.spec, &e.Layers[i]
	v := layerView{LayerPlan: l, I: i, Hidden: i < s.top()}
	if i > 0 { // the input is no layer but for its error
		v.Split, v.Tiles, v.Shifts = s.splitFor(l.OutC), s.LaneTiles(l.OutC), l.shifts(s.Batch)
		v.Blocks, v.MapBlocks = l.kBlocks(), s.mapBlocks(l.InC)
	}
	return v
}

// errorsView is what makes the error of a layer.
type errorsView struct {
	layerView
	errorPass
	Above *LayerPlan // whose errors it starts from
	Wait  bool       // the unit makes them
	Load  bool       // the unit's error buffer takes them
	Flags string
}

// streamView is an input that streams.
type streamView struct {
	Base               uint32 // where it lies, sample after sample
	Bytes, XStep       int    // of a block, and from a sample to the next
	Flags              string // of dma.map
	Ptr, Alloc         [4]uint32
	PtrStep, AllocStep uint32 // from a buffer to the next
}

func (e *emitter) stream() streamView {
	v := streamView{Base: e.streamBase(), Ptr: e.streamPtr, Alloc: e.streamAlloc}
	v.Bytes, v.XStep, v.Flags = e.streamed()
	v.PtrStep, v.AllocStep = v.Ptr[1]-v.Ptr[0], v.Alloc[1]-v.Alloc[0]
	return v
}

// fetchView is the block of such an input that Left of InC inputs are left at.
type fetchView struct {
	streamView
	InC        int
	Left, From string // registers
	First      int    // buffer
	SetRows    string
}

// copies are the steps from the maps of fully connected layers to their second copy.
type copies struct{ Pointers, Words, Bytes int }

// functions are what program.tmpl calls beside those of package template.
func (e *emitter) functions() template.FuncMap {
	return template.FuncMap{
		"spec": func() *Spec { return e.spec }, "plan": func() *Layout { return e.Layout },
		"lanes": func() int { return e.spec.Machine.DNNC.Lanes },
		"convs": func() int { return e.spec.convs() }, "top": func() int { return e.spec.top() },
		"first": func() int { return e.spec.convs() + 1 }, // fully connected layer
		"layer": e.layer,
		"layers": func(from, to int) (all []layerView) {
			for i := from; i <= to; i++ {
				all = append(all, e.layer(i))
			}
			return all
		},
		"lastStep": func(v layerView) layerView { // with the random counter of the last step
			l := *v.LayerPlan
			l.Counter -= e.Header.CounterStep
			v.LayerPlan = &l
			return v
		},

		"stream": e.stream,
		"fetch": func(inputs int, left, from string, first int, setRows string) fetchView {
			return fetchView{e.stream(), inputs, left, from, first, setRows}
		},
		"copies": func() copies { return copies{e.copyPtrs, e.copyWords, e.copyBytes} },
		"copied": e.copied, "setCopied": e.setCopied,
		"fresh": e.fresh, "pass": e.pass,

		"images": func(l layerView, command string) imagesView { return l.images(command) },
		"big":    func() bool { return e.spec.big() }, "less": e.less, "ofSub": e.ofSub, "fold": e.fold,
		"unit": func() uint32 { return e.unit }, "splitFor": func(n int) uint32 { return e.spec.splitFor(n) },
		"trainsFC": func() bool { return e.spec.Rule != ConvOnly },
		"rates":    func() bool { return e.spec.rates() }, "rate": e.rate,

		"dropStep": func() uint32 { return e.dropStep },
		"eras":     e.eras,
		"dropSeed": func() uint32 { return firmware.Mix(e.spec.Seed ^ dropXor) },
		"dropXor":  func() uint32 { return dropXor },
	}
}

// numbers are functions of program.tmpl that no program is needed for.
var numbers = template.FuncMap{
	"eps":         eps,
	"rowBytes":    func() int { return rowBytes },
	"velRowBytes": func() int { return rowBytes / 2 * 3 },
	"weightBytes": func(n int) int { return (n + 63) / 64 * weightBlock }, // of blocks for n outputs
	"groups":      func(n int) int { return (n + 15) / 16 },
	"pad16":       pad16,
	"rowOf":       rowOf,

	"hex":    func(v any) string { return fmt.Sprintf("%#x", v) },
	"signed": func(v any) int32 { return int32(number(v)) },
	"log2":   func(v int) int { return bits.TrailingZeros(uint(v)) },
	"add":    func(a, b any) int { return number(a) + number(b) },
	"sub":    func(a, b any) int { return number(a) - number(b) },
	"mul":    func(a, b any) int { return number(a) * number(b) },
	"div":    func(a, b any) int { return number(a) / number(b) },
	"min":    func(a, b any) int { return min(number(a), number(b)) },
}

// number is an integer of any type.
func number(v any) int {
	if x := reflect.ValueOf(v); x.CanUint() {
		return int(x.Uint())
	}
	return int(reflect.ValueOf(v).Int())
}

// dropXor makes dseed of section 11 from the seed.
const dropXor = 0x5851F42D

// eps is section 8's, for z with f fraction bits.
func eps(f int) uint32 {
	v := 1e-5 * float64(uint64(1)<<(2*f+16))
	return max(1, uint32(float64(v)+0.5))
}
