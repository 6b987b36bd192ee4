package cosim

import (
	"slices"
	"strings"

	"bdfasim/isa/machine"
)

// Machines are those that the RTL is built for: the reference machine with all optional units, one
// of 64 lanes and one of 1,024 with other sizes of everything.
func Machines() (list []machine.Config, err error) {
	for _, m := range [][]string{
		{"reference", "norm.channels=512", "epc.kind=tree"},
		{"small", "dnnc.lanes=64", "fused=true", "dnnc.product_registers=1", "epc.kind=lane-mask",
			"norm.channels=64", "depc.neurons=8", "depc.inputs=32", "lfsr.bits=4",
			"momentum.lanes=8", "epc.neurons=8", "epc.inputs=8"},
		{"wide", "dnnc.lanes=1024", "epc.kind=tree-gate", "epc.product_registers=1",
			"norm.channels=64", "depc.neurons=8", "depc.inputs=8", "lfsr.bits=32",
			"momentum.lanes=32", "epc.neurons=32", "epc.inputs=16", "clock_mhz=100",
			"xmem.port_bytes=64"},
	} {
		c, err := machine.Named(m[0])
		if err == nil {
			err = c.Set("twin", append(m[1:], "xmem.bytes=16777216")...)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// Selected reports whether a name is in a list with commas; an empty one has all.
func Selected(list, name string) bool {
	return list == "" || slices.Contains(strings.Split(list, ","), name)
}
