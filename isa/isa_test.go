package isa_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
)

// The table: every code and name once, names and flags of their units, a sentence for the manual.
func TestTable(t *testing.T) {
	codes, names := map[isa.Op]bool{isa.OpIllegal: true}, map[string]bool{}
	name := regexp.MustCompile(`^[a-z]+(\.[a-z]+)?$`)
	for i := range isa.Table {
		row := &isa.Table[i]
		require.False(t, codes[row.Op], "%s: code 0x%02x is taken", row.Name, row.Op)
		require.False(t, names[row.Name], "%s is there twice", row.Name)
		codes[row.Op], names[row.Name] = true, true
		require.Same(t, row, isa.Lookup(row.Op))
		require.Regexp(t, name, row.Name)
		require.Regexp(t, `(?s)^.+\.$`, row.Doc, row.Name)
		if row.Format == isa.FmtCmd {
			require.NotEqual(t, isa.UnitSeq, row.Unit, row.Name)
			require.Regexp(t, `^`+row.Unit.String()+`\.`, row.Name)
		} else {
			require.Equal(t, isa.UnitSeq, row.Unit, row.Name)
			require.Empty(t, row.Flags, row.Name)
		}
		bits, flags, last := map[uint8]bool{}, map[string]bool{}, -1
		for _, f := range row.Flags {
			require.False(t, bits[f.Bit] || flags[f.Name], "%s: flag %s", row.Name, f.Name)
			require.True(t, int(f.Bit) > last && f.Bit < 12, "%s: flag %s", row.Name, f.Name)
			require.NotEmpty(t, f.Doc)
			bits[f.Bit], flags[f.Name], last = true, true, int(f.Bit)
		}
	}
	require.Nil(t, isa.Lookup(isa.OpIllegal))
}

// A flag's name means the same bit in every command, the one that its Flag constant says, and all twelve bits are in use. A bit has one
// name, but for two that norm's commands call otherwise, and one that is upd in dnnc.mac and mom.w: those names are theirs alone.
func TestFlagsAgree(t *testing.T) {
	want := map[string]uint16{"b1": isa.FlagB1, "first": isa.FlagFirst, "last": isa.FlagLast, "free": isa.FlagFree, "raw": isa.FlagRaw,
		"new": isa.FlagNew, "t": isa.FlagT, "i16": isa.FlagI16, "sram": isa.FlagSRAM, "x": isa.FlagX, "drop": isa.FlagDrop, "all": isa.FlagAll,
		"bn": isa.FlagBN, "eval": isa.FlagEval, "upd": isa.FlagUpd}
	docs, of := map[string]string{}, map[string]bool{}
	for _, row := range isa.Table {
		for _, f := range row.Flags {
			require.Equal(t, want[f.Name], uint16(1)<<f.Bit, f.Name)
			if doc, ok := docs[f.Name]; ok {
				require.Equal(t, doc, f.Doc, f.Name)
			}
			docs[f.Name] = f.Doc
			if of[f.Name] = true; row.Unit == isa.UnitNorm {
				require.Contains(t, []string{"bn", "eval"}, f.Name)
			} else {
				require.NotContains(t, []string{"bn", "eval"}, f.Name)
			}
			require.Equal(t, f.Name == "upd", f.Bit == 7 && (row.Op == isa.OpDNNCMac || row.Op == isa.OpMomW), "%s: %s", row.Name, f.Name)
		}
	}
	require.Len(t, of, len(want), "a constant that no command uses")
	names := map[uint16][]string{}
	for name, bit := range want {
		names[bit] = append(names[bit], name)
	}
	require.Len(t, names, 12)
	for bit, list := range names {
		if bit == isa.FlagRaw || bit == isa.FlagNew || bit == isa.FlagI16 {
			require.Len(t, list, 2, "%v", list)
		} else {
			require.Len(t, list, 1, "%v", list)
		}
	}
}

// The units: register counts as the constants say, names once.
func TestUnits(t *testing.T) {
	params := map[isa.Unit]int{isa.UnitDMA: isa.NumDMAParams, isa.UnitWLD: isa.NumWLDParams, isa.UnitDNNC: isa.NumDNNCParams, isa.UnitDrain: isa.NumDrainParams,
		isa.UnitLoss: isa.NumLossParams, isa.UnitDEPC: isa.NumDEPCParams, isa.UnitMom: isa.NumMomParams,
		isa.UnitNorm: isa.NumNormParams, isa.UnitEPC: isa.NumEPCParams}
	status := map[isa.Unit]int{isa.UnitDrain: isa.DrainMax + 1, isa.UnitLoss: isa.LossMax + 1, isa.UnitDEPC: isa.DEPCMax + 1, isa.UnitMom: isa.MomMaxW + 1,
		isa.UnitNorm: isa.NormMax + 1, isa.UnitEPC: isa.EPCMax + 1}
	names := map[string]bool{}
	for u, info := range isa.Units {
		require.False(t, names[info.Name])
		names[info.Name] = true
		require.Len(t, info.Params, params[isa.Unit(u)], info.Name)
		require.Len(t, info.Status, status[isa.Unit(u)], info.Name)
		require.LessOrEqual(t, len(info.Params), isa.NumParams, "%s: a command carries a copy", info.Name)
		for i, r := range info.Params {
			aux, ok := isa.OperandParam.Aux(info.Name + "." + r.Name)
			require.True(t, ok, "%s.%s", info.Name, r.Name)
			require.EqualValues(t, u<<8|i, aux, "%s.%s", info.Name, r.Name)
		}
		for i, r := range info.Status {
			aux, ok := isa.OperandStatus.Aux(info.Name + "." + r.Name)
			require.True(t, ok, "%s.%s", info.Name, r.Name)
			require.EqualValues(t, u<<8|i, aux, "%s.%s", info.Name, r.Name)
		}
	}
}

// Some registers by name, so that the order of a unit's list and its constants cannot drift apart unseen.
func TestRegisterIndices(t *testing.T) {
	for name, want := range map[string]uint16{
		"dma.limit": uint16(isa.UnitDMA)<<8 | isa.DMALimit, "dma.dst": uint16(isa.UnitDMA)<<8 | isa.DMADst, "wld.rows": uint16(isa.UnitWLD)<<8 | isa.WLDRows,
		"wld.src": uint16(isa.UnitWLD)<<8 | isa.WLDSrc, "dnnc.nb": uint16(isa.UnitDNNC)<<8 | isa.DNNCNB, "dnnc.split": uint16(isa.UnitDNNC)<<8 | isa.DNNCSplit,
		"drain.shift": uint16(isa.UnitDrain)<<8 | isa.DrainShift, "drain.mask": uint16(isa.UnitDrain)<<8 | isa.DrainMask, "loss.label": uint16(isa.UnitLoss)<<8 | isa.LossLabel,
		"loss.n": uint16(isa.UnitLoss)<<8 | isa.LossN, "depc.seed": uint16(isa.UnitDEPC)<<8 | isa.DEPCSeed, "depc.neurons": uint16(isa.UnitDEPC)<<8 | isa.DEPCNeurons,
		"mom.eta": uint16(isa.UnitMom)<<8 | isa.MomEta, "mom.rows": uint16(isa.UnitMom)<<8 | isa.MomRows, "mom.cstep": uint16(isa.UnitMom)<<8 | isa.MomCStep,
		"dma.rows": uint16(isa.UnitDMA)<<8 | isa.DMARows, "dma.chan": uint16(isa.UnitDMA)<<8 | isa.DMAChan, "wld.pitch": uint16(isa.UnitWLD)<<8 | isa.WLDPitch,
		"dnnc.taps": uint16(isa.UnitDNNC)<<8 | isa.DNNCTaps, "dnnc.at": uint16(isa.UnitDNNC)<<8 | isa.DNNCAt, "dnnc.nstep": uint16(isa.UnitDNNC)<<8 | isa.DNNCNStep,
		"drain.seed": uint16(isa.UnitDrain)<<8 | isa.DrainSeed, "drain.cstep": uint16(isa.UnitDrain)<<8 | isa.DrainCStep, "norm.rec": uint16(isa.UnitNorm)<<8 | isa.NormRec,
		"norm.pool": uint16(isa.UnitNorm)<<8 | isa.NormPool, "norm.tshift": uint16(isa.UnitNorm)<<8 | isa.NormTShift, "epc.neurons": uint16(isa.UnitEPC)<<8 | isa.EPCNeurons,
		"drain.block": uint16(isa.UnitDrain)<<8 | isa.DrainBlock, "mom.split": uint16(isa.UnitMom)<<8 | isa.MomSplit,
		"epc.matrix": uint16(isa.UnitEPC)<<8 | isa.EPCMatrix, "epc.jstep": uint16(isa.UnitEPC)<<8 | isa.EPCJStep,
	} {
		got, ok := isa.OperandParam.Aux(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]uint8{"r0": 0, "R9": 9, "r15": 15, "zero": 0, "LR": 15} {
		got, ok := isa.RegByName(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
	for _, name := range []string{"", "r", "r16", "r01", "x1", "r-1", "zeros", "sp"} {
		_, ok := isa.RegByName(name)
		require.False(t, ok, name)
	}
	for r := uint8(0); r < isa.NumRegs; r++ {
		got, ok := isa.RegByName(isa.RegName(r))
		require.True(t, ok)
		require.Equal(t, r, got)
	}
	for p := isa.Phase(0); p < isa.NumPhases; p++ {
		got, ok := isa.OperandPhase.Aux(p.String())
		require.True(t, ok)
		require.EqualValues(t, p, got)
	}
	require.Equal(t, "unit?", isa.NumUnits.String())
	require.Equal(t, "phase?", isa.NumPhases.String())
	_, ok := isa.OperandUnit.Aux("seq")
	require.False(t, ok, "seq has no queue to wait for")
	_, ok = isa.OperandStatus.Aux("drain.shift")
	require.False(t, ok)
}

func TestPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.Uint64().Draw(t, "word")
		w := isa.Word(u)
		require.Equal(t, w, isa.Pack(w.Op(), w.Rd(), w.Ra(), w.Rb(), w.Aux(), w.Imm()))
		require.Equal(t, u, uint64(w.Op())<<56|uint64(w.Rd())<<52|uint64(w.Ra())<<48|uint64(w.Rb())<<44|uint64(w.AuxUnit())<<40|uint64(w.AuxReg())<<32|uint64(uint32(w.Imm())))
	})
}

// Every valid word stays valid in its own fields and becomes invalid with a bit that belongs to no operand.
func TestCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := randomWord(t, 16<<10)
		require.NoError(t, w.Check())
		if isa.Lookup(w.Op()).Format == isa.FmtNone {
			require.Error(t, (w | 1<<rapid.IntRange(0, 55).Draw(t, "bit")).Check())
		}
	})
	none := fmt.Sprintf("unit %d", isa.NumUnits)
	for want, w := range map[string]isa.Word{
		"is no instruction":                                    0,
		"belong to no operand":                                 isa.Pack(isa.OpAdd, 1, 2, 3, 0, 1),
		"target: got 4":                                        isa.Pack(isa.OpJal, 0, 0, 0, 0, 4),
		"target: got -8":                                       isa.Pack(isa.OpLoop, 0, 1, 0, 0, -8),
		"count: got -1":                                        isa.Pack(isa.OpWait, 0, 0, 0, 0x100, -1),
		"with a command queue":                                 isa.Pack(isa.OpWait, 0, 0, 0, 0, 0),
		"unit: got 0x101":                                      isa.Pack(isa.OpWait, 0, 0, 0, 0x101, 0),
		"unit 1 has no such register: got 9":                   isa.Pack(isa.OpSet, 0, 1, 0, uint16(isa.UnitDMA)<<8|isa.NumDMAParams, 0),
		"unit 8 has no such register: got 16":                  isa.Pack(isa.OpSeti, 0, 0, 0, uint16(isa.UnitNorm)<<8|isa.NumNormParams, 0),
		"unit 9 has no such register: got 2":                   isa.Pack(isa.OpGet, 1, 0, 0, uint16(isa.UnitEPC)<<8|isa.EPCMax+1, 0),
		none + " has no such register: got 0":                  isa.Pack(isa.OpSet, 0, 1, 0, uint16(isa.NumUnits)<<8, 0),
		"unit 15 has no such":                                  isa.Pack(isa.OpSet, 0, 1, 0, 0xf00, 0),
		fmt.Sprintf("unit: got 0x%x", uint16(isa.NumUnits)<<8): isa.Pack(isa.OpWait, 0, 0, 0, uint16(isa.NumUnits)<<8, 0),
		"flags: got 0x030":                                     isa.Pack(isa.OpNormFin, 0, 0, 0, isa.FlagEval|isa.FlagBN, 0),
		"flags: got 0x800":                                     isa.Pack(isa.OpDrainAct, 0, 0, 0, isa.FlagAll, 0),
		"register r1, but the command has no flags":            isa.Pack(isa.OpNormStat, 0, 1, 0, 0, 0),
		"unit 1 has no such":                                   isa.Pack(isa.OpGet, 1, 0, 0, 0x100, 0),
		"phase: got 8":                                         isa.Pack(isa.OpMark, 0, 1, 0, 8, 0),
		"flags: got 0x002":                                     isa.Pack(isa.OpMomW, 0, 0, 0, 2, 0),
		"flags: got 0x081":                                     isa.Pack(isa.OpDNNCGrad, 0, 0, 0, isa.FlagUpd|isa.FlagB1, 0),
		"bits that belong to no o":                             isa.Pack(isa.OpNop, 0, 0, 0, 1, 0),
	} {
		require.ErrorContains(t, w.Check(), want)
	}
}
