package powertrace_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"bdfasim/isa/asm"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/sim/powertrace"
	"bdfasim/sim/wave"
)

// A layer of 64 x 64 in windows of 8 cycles. A unit's line is high where it used more than its leakage.
func Example() {
	text, err := os.ReadFile("../testdata/layer.s")
	if err != nil {
		panic(err)
	}
	img, err := asm.Assemble(fstest.MapFS{"layer.s": {Data: text}}, "layer.s", asm.Options{})
	if err != nil {
		panic(err)
	}
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = 1 << 20
	chip, err := rtl.New(rtl.For(cfg, img.Code))
	if err != nil {
		panic(err)
	}
	prices, err := power.Default65().Prices(chip.Geometry())
	if err != nil {
		panic(err)
	}
	engine := sim.New(chip)
	if err := engine.LoadImage(img); err != nil {
		panic(err)
	}
	units := []activity.Unit{activity.Seq, activity.DMA, activity.XMem, activity.WLD, activity.DNNC, activity.OMEM, activity.Drain}
	diagram := wave.NewDiagram("phase", "SEQ", "DMA", "XMEM", "WLD", "DNNC", "OMEM", "DRAIN")
	diagram.Compact, diagram.Step = true, 8
	sampler, err := powertrace.New(chip, prices, powertrace.Config{Window: 8}, func(r *powertrace.Record) error {
		row := []any{power.PhaseNames[r.Tag.Phase()]}
		for _, u := range units {
			row = append(row, r.Unit[u] > prices.UnitAJ[u]*power.Attojoules(r.To-r.From))
		}
		diagram.Sample(row...)
		return nil
	})
	if err != nil {
		panic(err)
	}
	if _, err := engine.Run(context.Background(), 0, sim.Options{OnCycle: sampler.OnCycle}); err != nil {
		panic(err)
	}
	if err := sampler.Close(); err != nil {
		panic(err)
	}
	fmt.Print(diagram)
	// Output:
	// cycle  0         80        160       240       320
	// phase  ~ff......................................
	// SEQ    ##_#____##__________________________#_###
	// DMA    #_#######________________________________
	// XMEM   #########################################
	// WLD    _####################################____
	// DNNC   _#_####################################__
	// OMEM   ___#____###__________________________###_
	// DRAIN  ______####____________________________##_
}
