package profile_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/sim/profile/trial"
)

var pictures = flag.String("img", ".", "folder for pictures")

// TestMain makes parts of docs/timing.md if there are arguments that name them:
//
//	go test -v ./sim/profile -args -img /tmp mlp cnn vgg-layer vgg coding gemm fused
//
// Tables go to standard output, as Markdown: predictions beside simulations, run-length coding,
// rooflines and a matrix product taken apart, fused schedules beside plain ones.
func TestMain(m *testing.M) {
	flag.Parse()
	for _, what := range flag.Args() {
		if err := section(what, *pictures); err != nil {
			fmt.Fprintf(os.Stderr, "timing: %s: %v\n", what, err)
			os.Exit(1)
		}
	}
	if flag.NArg() == 0 {
		m.Run()
	}
}

// section makes the tables and pictures of one part of the page.
func section(what, img string) error {
	switch what {
	case "mlp":
		return network(what, "mlp-784-512-512-10", trial.Dense, filepath.Join(img, "roofline-mlp.png"), 64)
	case "cnn", "vgg-layer":
		return network(what, what, trial.Dense, "", 64)
	case "vgg":
		return network(what, "vgg16-cifar", trial.Random, filepath.Join(img, "roofline-vgg.png"), 256)
	case "coding":
		return codingPart(filepath.Join(img, "coding.png"))
	case "gemm":
		return gemm()
	case "fused":
		return fused()
	}
	return fmt.Errorf("got %q, want mlp, cnn, vgg-layer, vgg, coding, gemm or fused", what)
}

func emit(tables ...*table.Table) error {
	for _, t := range tables {
		if err := t.Markdown(os.Stdout, 3); err != nil {
			return err
		}
		fmt.Println()
	}
	return nil
}

// network runs a training step with back-propagation and batch 32; with a file name it draws the roofline.
func network(title, name string, data trial.Data, picture string, mib int) error {
	n, err := trial.Net(name)
	if err != nil {
		return err
	}
	s, err := trial.Spec(n, compile.BP, 32, data)
	if err != nil {
		return err
	}
	cfg := trial.Config(mib)
	plan, p, err := trial.Run(context.Background(), s, cfg)
	if err != nil {
		return err
	}
	d, err := trial.Density(plan, p, nil)
	if err != nil {
		return err
	}
	predicted, err := predict.Step(plan, d)
	if err != nil {
		return err
	}
	fmt.Printf("## %s\n\n", title)
	if err := emit(compareTable(predicted, p), cycleTable(p), wordTable(p), codingTable(p)); err != nil {
		return err
	}
	if picture == "" {
		return nil
	}
	prices, err := priceList(cfg)
	if err != nil {
		return err
	}
	energy, err := energyTable(p, prices)
	if err != nil {
		return err
	}
	points := pointsOf(p, cfg.ClockMHz)
	if err := emit(energy, roofTable(points)); err != nil {
		return err
	}
	return drawRoofline(picture, n.Name+", a training step of 32 images", points, roofsOf(cfg.ClockMHz))
}

// priceList prices a chip for training networks with convolutions.
func priceList(cfg rtl.Config) (*power.PriceList, error) {
	// The normalisation unit is built when a program uses it; here always.
	chip, err := rtl.New(rtl.For(cfg, []isa.Word{isa.Pack(isa.OpNormStat, 0, 0, 0, 0, 0)}))
	if err != nil {
		return nil, err
	}
	return power.Default65().Prices(chip.Geometry())
}

// roofTable is the roofline in numbers.
func roofTable(points []point) *table.Table {
	t := table.New("Roofline", "phase", "MAC / external byte", "GMAC/s", "roof (GMAC/s)", "of the roof (%)")
	for _, x := range points {
		t.Row(fmt.Sprintf("%s %d", x.Phase, x.Layer), x.Intensity, x.Rate/1e9, x.Roof/1e9, 100*x.Rate/x.Roof)
	}
	return t
}

// coding measures run-length coding on random zeros.
func codingPart(picture string) error {
	t := table.New("Run-length coding of random zeros", "density (%)", "words a block", "expected", "saving (%)", "raw blocks (%)")
	var all []coding
	for k := range 21 {
		d := float64(k) / 20
		m, err := measureCoding(d, 5000, 1)
		if err != nil {
			return err
		}
		e := expectCoding(d)
		all = append(all, m)
		t.Row(100*d, m.Words, e.Words, 100*m.saving(), 100*m.Raw)
	}
	t.Note("5,000 blocks of 64 elements each; a block has 16 words as it is")
	if err := emit(t); err != nil {
		return err
	}
	return drawCoding(picture, all)
}

// gemm takes 32 x 4,608 x 512 apart, with external memory as it is and with an ideal one.
func gemm() error {
	n, err := trial.Net("gemm")
	if err != nil {
		return err
	}
	s, err := trial.Spec(n, compile.BP, 32, trial.Dense)
	if err != nil {
		return err
	}
	t := table.New("32 x 4,608 x 512 on 256 lanes", "external memory", "cycles", "products", "swaps and ends", "no weights", "no operands", "rest")
	for _, c := range []struct {
		name string
		cfg  rtl.Config
	}{{"LPDDR3-1600", trial.Config(64)}, {"ideal", idealMemory(trial.Config(64))}} {
		_, p, err := trial.Run(context.Background(), s, c.cfg)
		if err != nil {
			return err
		}
		x := p.Find(isa.PhaseFF, 1)
		products := x.MACs / uint64(c.cfg.DNNC.Lanes)
		t.Row(c.name, x.Elapsed, products, x.Busy-products, x.WaitWeight, x.Stalls, x.Elapsed-x.Busy-x.WaitWeight-x.Stalls)
	}
	t.Note("cycles of the MAC array; rest: it has no command, as before the first and behind the last product")
	return emit(t)
}

// idealMemory is cfg with a memory that is never in the way.
func idealMemory(cfg rtl.Config) rtl.Config {
	if err := cfg.Set("trial", "xmem.kind=ideal", "xmem.phy_ns=0"); err != nil {
		panic(err)
	}
	return cfg
}
