package power_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
)

// Programs of about ten instructions: a sum of two errors for 16 neurons with signs and with weights, and an update of 16 weights.
const (
	tenDEPC = `
_start: mark    ep, zero
        seti    depc.nb, 1
        seti    depc.n, 2
        depc.load
        seti    depc.neurons, 16
        seti    depc.seed, 0x1234567
        depc.run all
        wait    depc, 0
        mark    misc, zero
        halt
`
	tenEPC = `
_start: mark    ep, zero
        seti    epc.nb, 1
        seti    epc.n, 2
        epc.load
        seti    epc.neurons, 16
        seti    epc.dst, 64
        epc.run all
        wait    epc, 0
        mark    misc, zero
        halt
`
	tenMom = `
_start: seti    wld.rows, 1
        seti    wld.groups, 1
        wld.w
        seti    dnnc.nb, 1
        seti    dnnc.rows, 1
        seti    dnnc.groups, 1
        dnnc.ones first, last, free
        seti    mom.rows, 1
        seti    mom.lanes, 16
        seti    mom.vaddr, 16384
        mom.w
        wait    mom, 0
        halt
`
)

// work is what events other than clocks are expected, and what one costs in attojoules.
type work map[activity.Event][2]power.Attojoules

// Constants of lp65 and entries of the table of memories, in attojoules.
const (
	mul, add32, bit, xor, dram = 1_550_000, 200_000, 18_000, 20_000, 12_000_000
	imem, instruction          = 15_902_100, add32 + 4*xor
	command                    = 116 + 3*power.Attojoules(isa.NumUnits) // bits: three a unit count its commands under way
)

// The hand-computed energy of the programs, to the attojoule: operations and memories from counts and prices as they stand here,
// clocked registers from the bits of their groups and the cycles in which a command enables them, leakage by time.
func TestHandComputedEnergyOfTheCores(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		kind   epc.Kind
		length int
		cycles uint64
		work   work
		clocks map[activity.Unit]power.Attojoules // bits clocked
	}{
		"DEPC": {tenDEPC, epc.None, 10, 28, work{
			activity.SeqInstr: {10, instruction}, activity.IMemRead: {10, imem},
			activity.OMEMRead: {4, 15_027_000}, activity.OMEMWrite: {4, 43_089_300}, // 16 errors in, 16 out, 4 a word
			activity.EBufWrite: {1, 48_923_300}, activity.EBufRead: {1, 21_345_300}, // a row of up to 16
			activity.DEPCAdd:  {2 * 16, add32*20/32 + xor}, // 20 bits and a negation
			activity.LFSRStep: {2 * 16 / 8, xor * 24 / 16}, // 8 bits a leap, 24 XORs
		}, map[activity.Unit]power.Attojoules{
			// Instructions, waits, places of the queue, the bus.
			activity.Seq: 14*39 + 9*command + 6*68,
			// 19 cycles of the state; four parameters and two commands; both begin; a mask group, two sums, the tree and the
			// signs of one item, its successor; three stages of rounding and the write.
			activity.DEPC: 19*91 + 4*32 + 2*540 + 2*216 + 160 + 432 + 3*212 + 288 + 336 + 256 + 36,
			activity.LFSR: 8*45 + 26 + 4*8 + 2*296,
			activity.OMEM: 6*113 + 2*46 + 81 + 288 + 256,
			activity.XMem: 28 * 10, // the counter to the next refresh
		}},
		"EPC": {tenEPC, epc.Tree, 10, 55, work{
			activity.SeqInstr: {10, instruction}, activity.IMemRead: {10, imem},
			activity.OMEMRead: {4, 15_027_000}, activity.OMEMWrite: {4, 43_089_300},
			activity.EPCEWrite: {1, 147_496_000}, activity.EPCERead: {1, 35_246_200},
			activity.XReadEPC: {16, 256 * dram}, activity.XActivate: {1, 0}, // 16 rows of 16 weights
			activity.EPCWWrite: {16, 20_273_800}, activity.EPCWRead: {16, 17_391_600 + 256*bit},
			activity.EPCMul: {2 * 16, mul + add32*36/32},
		}, map[activity.Unit]power.Attojoules{
			activity.Seq:  14*39 + 9*command + 6*68,
			activity.EPC:  46*129 + 4*32 + 2*540 + 2*138 + 160 + 768 + 3*212 + 288 + 576 + 16*122,
			activity.OMEM: 6*113 + 2*46 + 81 + 288 + 256,
			activity.XMem: 32*402 + 55*10 + 6 + 16*260, // requests and answers, the refresh, a row, 16 bursts
		}},
		// The DNNC makes the gradient of biases from a row of weights; the momentum unit has 16 weights of a chunk of 32.
		"DNNC and MOM": {tenMom, epc.None, 13, 60, work{
			activity.SeqInstr: {13, instruction}, activity.IMemRead: {13, imem},
			activity.XReadWLD: {1, 256 * dram}, activity.WMEMWrite: {1, 24_363_200}, activity.WMEMRead: {1, 17_953_100},
			activity.MAC: {16, mul + add32*48/32 + (48+16)*bit}, activity.AccWrite: {1, 60_821_400}, activity.AccRead: {1, 52_174_800},
			// Two bursts of weights, three of velocities, both ways; one row opened for each of the two.
			activity.XReadMom: {5, 256 * dram}, activity.XWriteMom: {5, 256 * dram}, activity.XActivate: {2, 0},
			activity.ChunkWrite: {5 + 2*3, 20_273_800}, activity.ChunkRead: {5 + 2*3, 17_391_600},
			// Four products of 16 x 16 (two of 24 x 16 count as one and a half), sums of 240 and of 69 bits.
			activity.MomLane: {16, 4*mul + add32*(240+69)/32}, activity.MomRand: {32, 3 * xor},
		}, map[activity.Unit]power.Attojoules{
			activity.Seq:  18*39 + 7*command + 11*68,
			activity.WLD:  6*44 + 2*32 + 540 + 50 + 29 + 270,
			activity.DNNC: 12*114 + 3*32 + 540 + 3*11 + 5*32 + 8 + 3*48,
			// A request of operands and a pass of the lanes for each group of 16, the second of which is written back as read;
			// 16 seeds in two stages, two words of each of 16 LFSRs; five bursts each way.
			activity.Mom:  38*114 + 3*32 + 540 + 2*21 + 80 + 16*32 + 16*32 + 32*32 + 2*160 + 5*32 + 5*288 + 2*5361,
			activity.XMem: 44*402 + 60*10 + 2*6 + 6*260,
		}},
	} {
		chip, cycles := runText(t, c.text, c.kind, c.length)
		l := prices(t, power.ByEvents, chip)
		want, counts := power.Attojoules(0), chip.Activity()
		for e := range activity.NumEvents {
			n := counts.Total(e)
			if e.IsClock() {
				continue
			}
			w := c.work[e]
			require.EqualValues(t, w[0], n, "%s: %v", name, e)
			want += w[0] * w[1]
		}
		for u := range activity.NumUnits {
			var bits power.Attojoules
			for e := range activity.NumEvents {
				if e.IsClock() && activity.Events[e].Unit == u {
					bits += power.Attojoules(counts.Total(e)) * power.Attojoules(chip.Geometry().Clocked[e].Bits)
				}
			}
			require.Equal(t, c.clocks[u], bits, "%s: bits clocked in %v", name, u)
			want += bit*c.clocks[u] + power.Attojoules(c.cycles)*l.UnitAJ[u]
		}
		require.Equal(t, c.cycles, chip.Cycle(), name)
		e, err := l.Measure(counts, cycles)
		require.NoError(t, err)
		require.Equal(t, want, e.Total(), name)
	}
}

// runText runs a program of so many instructions to its end.
func runText(t *testing.T, text string, kind epc.Kind, length int) (*rtl.Chip, power.Cycles) {
	img, err := asm.Assemble(fstest.MapFS{"ten.s": {Data: []byte(text)}}, "ten.s", asm.Options{})
	require.NoError(t, err)
	require.Len(t, img.Code, length)
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes, cfg.EPC.Kind = 1<<20, kind
	if kind != epc.None {
		cfg.DEPC.Classes, cfg.DEPC.SignEntries = 0, 0
	}
	c, err := rtl.New(cfg)
	require.NoError(t, err)
	require.NoError(t, c.Load(img.Code, img.Entry, img.Scratch))
	var cycles power.Cycles
	for !c.Wires().Seq.Finished {
		c.Step()
		require.False(t, c.Faulted())
		cycles[c.Wires().Seq.Tag.Phase()]++
		require.Less(t, c.Cycle(), uint64(1000))
	}
	return c, cycles
}
