package main

import (
	"fmt"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
	"bdfasim/power/table"
)

// passDumps make the tables of what a pass of the compiler hands on.
var passDumps = map[string]func(*trial) []*table.Table{
	"lower": func(tr *trial) []*table.Table {
		return append(shapeTables(tr), formatTable(tr.plan))
	},
	"plan": func(tr *trial) []*table.Table {
		tables := append(chipMemoryTables(tr), externalTables(tr)...)
		return append(tables, tensorTable(tr.img))
	},
	"tile": func(tr *trial) []*table.Table {
		return append(passTables(tr)[:1], cutTables(tr.plan)...)
	},
	"emit": func(tr *trial) []*table.Table {
		return []*table.Table{listingTable(tr.img), programTable(tr.plan)}
	},
}

// formatTable shows the fraction bits of each layer.
func formatTable(p *compile.Plan) *table.Table {
	t := table.New("Fraction bits", "layer", "Fo", "Fw", "Fe", "Fv", "Fz", "Fd", "Fb",
		"feedback shift")
	for i := range p.Layers[1:] {
		l := &p.Layers[i+1]
		t.Row(l.Name, l.Fo, l.Fw, l.Fe, l.Fv, l.Fz, l.Fd, l.Fb, l.FBShift)
	}
	return t
}

// cutTables show the strips, tiles and jobs of convolutions.
func cutTables(p *compile.Plan) []*table.Table {
	strips := table.New("Strips", "pass", "batch", "strip", "address", "dma.n", "dma.rows",
		"pointers", "off y, x", "out y, x")
	tiles := table.New("Tiles", "pass", "batch", "strip", "tile", "at y, x", "pointers", "bytes",
		"pixels")
	jobs := table.New("Jobs", "pass", "job", "weights", "pointers", "tap y, x", "rows", "taps",
		"channels")
	yx := func(v uint32) string { return fmt.Sprintf("%d, %d", int16(v>>16), int16(v)) }
	for _, pass := range p.Passes {
		q := pass.Cut
		if q == nil {
			continue
		}
		for kind, batch := range []string{"full", "last", "last test"} {
			for i, s := range q.Strips[kind] {
				strips.Row(q.Name, batch, i, hex(s.XAddr), int(s.N), int(s.Rows), int(int32(s.Src)),
					yx(s.Off), yx(s.Out))
				for k, x := range s.Tiles {
					tiles.Row(q.Name, batch, i, k, yx(x.At), int(x.Src), int(x.Dst), int(x.NB))
				}
			}
		}
		for i, j := range q.Jobs {
			tap := fmt.Sprintf("%d, %d", j.Tap>>8&0xff, j.Tap&0xff)
			jobs.Row(q.Name, i, int(j.W), int(j.Src), tap, int(j.Rows), int(j.Taps), int(j.Chan))
		}
	}
	return []*table.Table{strips, tiles, jobs}
}

// listingTable shows each instruction with its label and the line that it comes from.
func listingTable(img *image.Image) *table.Table {
	labels := map[uint32]string{}
	for _, s := range img.Symbols {
		if s.Space == image.Text {
			labels[s.Value] = s.Name
		}
	}
	t := table.New("Program", "address", "label", "instruction", "file", "line")
	for i, w := range img.Code {
		addr := uint32(i * isa.WordBytes)
		at, _ := img.LineAt(addr)
		t.Row(hex(addr), labels[addr], disasm.Line(w, img.Symbols), at.File, at.Line)
	}
	return t
}

// programTable shows what the program reads to know what to do.
func programTable(p *compile.Plan) *table.Table {
	t := table.New("Tables of the program", "table", "address", "bytes")
	for _, s := range p.Tables {
		t.Row(s.Name, hex(s.Addr), len(s.Data))
	}
	return t
}
