package testbench

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/isa/image"
)

// features names what happens in a compiled program: what its plan says, and what its tables say to conv.s.
func features(j job, p *compile.Plan, img *image.Image) map[string]bool {
	f := map[string]bool{"rule " + j.rule: true, "arm " + string(j.arm): true}
	if j.arm == compile.ArmEPC {
		f["epc "+j.kind.String()] = true
	}
	if j.rule == compile.BDFA {
		f["feedback "+p.Spec().Feedback] = true
	}
	h := &p.Header
	f["short batch"] = h.TrainN%h.Batch != 0 && h.TrainN > h.Batch
	f["short test batch"] = h.TestN%h.Batch != 0 && h.TestN > 0
	fused := p.Spec().Fused && h.TrainN > h.Batch
	f["fused "+j.rule] = fused
	f["fused, short batch"] = fused && f["short batch"]
	f[fmt.Sprintf("fused, behind convolutions %v", p.Convs() > 0)] = fused
	f[fmt.Sprintf("fused, streamed behind convolutions %v", p.Convs() > 0)] = fused && p.Layers[p.Convs()+1].Streamed
	f["fused, dropout"] = fused && slices.ContainsFunc(p.Layers, func(l compile.LayerPlan) bool { return l.Drop })
	f["batch of one"] = h.Batch == 1
	f["two epochs"] = h.Epochs > 1
	f["learning rate shift"] = h.Epochs > 1 && h.ShiftEvery == 1 && h.ShiftBy > 0
	f["weight decay"] = h.Lambda > 0
	for i := 1; i < len(p.Layers); i++ {
		layerFeatures(f, p, i)
	}
	for _, s := range img.Segments {
		if name, ok := strings.CutSuffix(s.Name, ".pass"); ok {
			passFeatures(f, name, s.Data, img)
		}
	}
	return f
}

func layerFeatures(f map[string]bool, p *compile.Plan, i int) {
	l := &p.Layers[i]
	split := "0"
	if l.OutC <= 64 {
		split = "2"
	} else if l.OutC <= 128 {
		split = "1"
	}
	if !l.Conv {
		f["fully connected, split "+split] = true
		f["fully connected, several tiles of lanes"] = f["fully connected, several tiles of lanes"] || l.OutC > 256
		f["fully connected without bias"] = f["fully connected without bias"] || !l.Bias
		f["dropout"] = f["dropout"] || l.Drop
		if l.Streamed {
			f[fmt.Sprintf("streamed input, behind convolutions %v", p.Convs() > 0)] = true
		}
		return
	}
	f[fmt.Sprintf("convolutions %d", p.Convs())] = true
	f[fmt.Sprintf("stride %d", l.Stride)] = true
	f[fmt.Sprintf("kernel %d", l.Kernel)] = true
	f[fmt.Sprintf("pool %d", l.Pool)] = true
	f[fmt.Sprintf("normalisation %v, bias %v", l.BN, l.Bias)] = true
	f["window past both edges"] = f["window past both edges"] || l.InH < l.Kernel && l.InW < l.Kernel
	f["map of one pixel"] = f["map of one pixel"] || l.InH*l.InW == 1
	f["padded channels into fully connected"] = f["padded channels into fully connected"] || i == p.Convs() && l.OutC%16 != 0
}

// passFeatures reads the tables of a pass as asm/conv.s lays them out: C_, S_, T_ and J_ names.
func passFeatures(f map[string]bool, name string, d []byte, img *image.Image) {
	kind := name[strings.IndexByte(name, '.')+1:]
	word := func(b []byte, n int) int { return int(binary.LittleEndian.Uint32(b[4*n:])) }
	set := func(what string, yes bool) { f[kind+": "+what] = f[kind+": "+what] || yes }
	segment := func(name string) []byte {
		for _, s := range img.Segments {
			if s.Name == name {
				return s.Data
			}
		}
		panic("testbench: no segment " + name)
	}
	strips, jobs, record := segment(name+".strips0"), segment(name+".jobs"), word(d, 6)
	set(fmt.Sprintf("split %d", word(d, 16)), true)
	set("several strips", word(d, 3) > 1)
	set("several tiles of lanes", word(d, 9) > 256)
	set("few commands a tile", word(d, 29) == 1)
	set("one strip, several jobs", word(d, 3) == 1 && word(d, 8) > 1)
	for at := 0; at < len(strips); at += record {
		s := strips[at:]
		set("row strips", word(s, 3) != 0)
		set("several images a strip, several strips", word(d, 3) > 1 && word(s, 3) == 0 && word(s[32+16*(word(s, 6)-1):], 1) > 0)
		set("several tiles a strip", word(s, 6) > 1)
	}
	for at := 0; at < len(jobs); at += 24 {
		set("packed taps", word(jobs[at:], 4) > 1)
		set("several blocks of channels", word(jobs[at:], 1) > 0)
	}
}

// wanted are the features that the normal run must meet.
var wanted = []string{
	"rule bp", "rule dfa", "rule bdfa", "rule bfa", "rule conv-only", "arm dnnc", "arm epc", "arm depc",
	"epc tree", "epc tree-gate", "epc lane-mask", "feedback lfsr", "feedback sram",
	"short batch", "short test batch", "two epochs", "learning rate shift", "weight decay",
	"fully connected, split 0", "fully connected, split 1", "fully connected, split 2", "fully connected, several tiles of lanes",
	"fully connected without bias", "dropout", "streamed input, behind convolutions true", "streamed input, behind convolutions false",
	"convolutions 1", "convolutions 2", "convolutions 3", "stride 1", "stride 2", "stride 4",
	"kernel 1", "kernel 2", "kernel 3", "kernel 4", "kernel 5", "pool 1", "pool 2", "pool 3",
	"normalisation false, bias false", "normalisation false, bias true", "normalisation true, bias false", "normalisation true, bias true",
	"fused bp", "fused dfa", "fused bdfa", "fused bfa", "fused, short batch", "fused, dropout",
	"fused, behind convolutions true", "fused, behind convolutions false",
	"fused, streamed behind convolutions true",
	"window past both edges", "map of one pixel", "padded channels into fully connected",
	"forward: split 0", "forward: split 1", "forward: split 2", "forward: several strips", "forward: row strips", "forward: packed taps",
	"forward: several tiles of lanes", "forward: several blocks of channels", "forward: several tiles a strip", "forward: few commands a tile",
	"forward: several images a strip, several strips",
	"errors: split 0", "errors: split 1", "errors: split 2", "errors: several strips", "errors: row strips", "errors: several blocks of channels",
	"errors: several tiles of lanes", "errors: several tiles a strip",
	"gradient: several strips", "gradient: row strips", "gradient: packed taps", "gradient: several tiles of lanes", "gradient: several blocks of channels",
	"gradient: several tiles a strip", "gradient: one strip, several jobs",
}
