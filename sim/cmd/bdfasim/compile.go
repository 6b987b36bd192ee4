package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/power/table"
)

// compileCmd compiles a network.
type compileCmd struct {
	Net      string `arg:"" help:"${net}"`
	Rule     string `enum:"bp,dfa,cdfa,bdfa,cbdfa,bfa,conv-only" default:"bp" help:"${rule}"`
	Output   target `short:"o" placeholder:"FILE" help:"${output}"`
	Assembly bool   `short:"S" help:"Print the program as assembly in place of the tables."`
	Dump     string `enum:",lower,plan,tile,emit" default:"" placeholder:"PASS" help:"${dump}"`
	setup
	formatFlag
}

// Run is called by kong.
func (c *compileCmd) Run(e *env) error {
	text := filepath.Ext(string(c.Output)) == ".s"
	if text && !c.Assembly {
		return usagef("output: got %s without -S, want -S for assembly or another name for an image", c.Output)
	}
	n, err := readNetwork(c.Net)
	if err != nil {
		return err
	}
	trials, err := c.trials(n, []string{c.Rule}, 1)
	if err != nil {
		return err
	}
	tr := trials[0]
	c.shorten = func(tables []*table.Table) []*table.Table { return brief(tables, false) }
	plan := tr.plan
	e.about.trial(tr)
	var failed error // which does not cost the tables
	if c.Output != "" && !text {
		failed = writeImage(e, c.Output, tr.img)
	}
	if c.Assembly {
		name := target("")
		if text {
			name = c.Output
		}
		if err := writeTo(e, name, []byte(plan.Assembly())); err != nil || !text {
			return errors.Join(failed, err)
		}
	}
	if c.Dump != "" {
		return errors.Join(failed, c.writeTo(e, "", passDumps[c.Dump](tr)...))
	}
	var tables []*table.Table
	for _, report := range compileReports {
		tables = append(tables, report(tr)...)
	}
	predicted, err := predictTable(plan, c.Density)
	if err != nil {
		return err
	}
	tables = append(tables, predicted)
	return errors.Join(failed, c.writeTo(e, "", tables...))
}

// compileReports make the tables of compile, in their order.
var compileReports = []func(*trial) []*table.Table{shapeTables, passTables, chipMemoryTables, externalTables}

// shapeTables shows the layers.
func shapeTables(tr *trial) []*table.Table {
	n, p := tr.net, tr.plan
	schedule := ""
	if p.Spec().Fused {
		schedule = ", fused schedule"
	}
	t := table.New(fmt.Sprintf("Layers: %s, rule %s, errors of fully connected layers by %s%s", n.net.Name, tr.rule, p.Spec().Arm, schedule),
		"layer", "in", "out", "window", "then", "weights", "MMAC a sample")
	for i := 1; i <= tr.layers(); i++ {
		l := &p.Layers[i]
		d := n.net.Layers[l.At]
		in, window := fmt.Sprint(d.In), "-"
		if l.Conv {
			window = fmt.Sprintf("%d x %d, step %d, pad %d", l.Kernel, l.Kernel, l.Stride, l.Pad)
			if d.Extra != 0 {
				window += fmt.Sprintf(" and %d", l.Pad+d.Extra)
			}
		}
		t.Row(l.Name, in, fmt.Sprint(d.To), window, follows(l.Layer, i == tr.layers()),
			l.WeightCount(), table.Fixed(float64(l.MACs())/1e6, 3))
	}
	for _, note := range n.notes {
		t.Note("%s", note)
	}
	t.Note("%d training and %d test images of %s; epochs: %d, batch: %d", tr.header.TrainN, tr.header.TestN, tr.data.train.Name, tr.header.Epochs, tr.header.Batch)
	if tr.data.synthetic {
		t.Note("RANDOM IMAGES: the program is good for cycles and energy; its accuracy means nothing")
	}
	return []*table.Table{t}
}

// follows says what stands between a layer's weights and the next layer.
func follows(l compile.Layer, top bool) string {
	var parts []string
	add := func(is bool, what string) {
		if is {
			parts = append(parts, what)
		}
	}
	add(l.Bias, "bias")
	add(l.BN, "bn")
	add(!top, "relu")
	add(l.Pool > 1, fmt.Sprintf("pool %d", l.Pool))
	add(l.Drop, "dropout")
	add(top, "softmax")
	return strings.Join(parts, ", ")
}

// passTables shows how the passes over the layers are cut.
func passTables(tr *trial) []*table.Table {
	t := table.New("Passes of a full batch", "layer", "pass", "unit", "strips", "tiles", "pixels a tile", "jobs", "lane tiles", "streams")
	for _, x := range tr.plan.Passes {
		t.Row(x.Layer, x.Kind, x.Unit, orDash(x.Strips), orDash(x.Tiles), orDash(x.Pixels), x.Blocks, x.LaneTiles, orDash(x.Streams))
	}
	t.Note("strips: parts of the maps that are in OMEM at a time; tiles: runs of output pixels that fill a bank of accumulators; jobs: blocks of 64 inputs (rows of weights; fused schedules 32) that a tile goes through")
	t.Note("lane tiles: runs of as many outputs as the array has lanes, for units with trees as they have; streams: samples or pixels that are worked on at a time; errors: those of the layer below")
	return []*table.Table{t, chipTable(tr.chip)}
}

func orDash(n int) any {
	if n == 0 {
		return "-"
	}
	return n
}

// chipMemoryTables shows what takes room on the chip.
func chipMemoryTables(tr *trial) []*table.Table {
	t := table.New("Memories on the chip", "memory", "for", "unit", "used", "available", "%")
	for _, u := range tr.plan.Usage(tr.img) {
		if u.Part != "" {
			t.Row(u.Memory, u.Part, u.Unit, u.Used, "-", "-")
			continue
		}
		t.Row(u.Memory, "all", u.Unit, u.Used, u.Size, 100*float64(u.Used)/float64(u.Size))
	}
	return []*table.Table{t}
}

// externalTables shows external memory: every region, and what the halves hold.
func externalTables(tr *trial) []*table.Table {
	p := tr.plan
	regions := table.New("External memory", "half", "region", "address", "bytes")
	halves := table.New("Halves of external memory", "half", "used", "available", "%")
	half := int(p.Header.XMemBytes) / 2
	for _, h := range []struct {
		name    string
		regions []compile.Region
	}{{"lower", p.Low}, {"upper", p.High}} {
		used := 0
		for _, r := range merged(h.regions) {
			regions.Row(h.name, r.Name, hex(r.Addr), r.Bytes)
			used += r.Bytes
		}
		halves.Row(h.name, used, half, table.Fixed(100*float64(used)/float64(half), 2))
	}
	regions.Note("W weights, V velocities, b and vb of biases, bn channel records, D feedback; maps of a batch: z before normalisation and ReLU, o behind pooling with the places pos of its maxima, d = dLoss/do, h and e errors")
	return []*table.Table{regions, halves}
}

// merged makes one region of the tables of each pass.
func merged(regions []compile.Region) []compile.Region {
	var out []compile.Region
	for _, r := range regions {
		parts := strings.Split(r.Name, ".")
		if len(parts) == 3 { // layer.pass.table
			r.Name = parts[0] + " tables of " + parts[1]
			if at := len(out) - 1; at >= 0 && out[at].Name == r.Name {
				out[at].Bytes = int(r.Addr) + r.Bytes - int(out[at].Addr)
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// predictTable is what the program is expected to need, by phase and layer. density is the part of all maps that is not zero,
// 0 for dense ones.
func predictTable(p *compile.Plan, density float64) (*table.Table, error) {
	var d predict.Density
	if density > 0 {
		for range p.Layers {
			d.Maps = append(d.Maps, density)
		}
	}
	rows, err := predict.Step(p, d)
	if err != nil {
		return nil, err
	}
	t := table.New("Predicted: a training step with a full batch", "phase", "layer", "cycles", "elapsed", "array busy %", "words weights", "words maps", "words update", "words norm", "words errors", "words")
	var cycles, words float64
	for _, r := range rows {
		name := "-"
		if r.Layer > 0 && r.Layer < len(p.Layers) {
			name = p.Layers[r.Layer].Name
		}
		w := r.Words
		t.Row(r.Phase.String(), name, int(r.Cycles+0.5), int(r.Elapsed+0.5), table.Fixed(100*r.Array/max(1, r.Elapsed), 1), int(w.Weights), int(w.MapsRead+w.MapsWritten), int(w.Update), int(w.Norm), int(w.Errors), int(w.Total()))
		cycles += r.Cycles
		words += w.Total()
	}
	t.Row("all", "-", int(cycles+0.5), int(cycles+0.5), "", "", "", "", "", "", int(words))
	if p.Spec().Fused {
		t.Note("a step within an epoch: its forward pass makes the updates of the step before. Phases ff and wg of a layer run side by side, so the later one adds little")
	}
	if density == 0 {
		t.Note("dense data: no operand is zero; sparser data take less (--density)")
	}
	t.Note("cycles: what the phase adds to the step in program order; elapsed: from its first command to the end of its last; words of 32 bit, exact")
	return t, nil
}
