package isa

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every command has a contract with a footprint, if only the one that says that there is none.
// Every parameter that a contract depends on has a range or a memory, and so a unit of measure;
// every register of every unit is in the contract of a command.
func TestContracts(t *testing.T) {
	var params, status [NumUnits][NumParams]bool
	for _, info := range Table {
		contract := info.Op.Contract()
		require.Equal(t, info.Format == FmtCmd, contract != nil, info.Name)
		units, footprint := contract.Units(), 0
		for i := range contract {
			c := &contract[i]
			kinds := 0
			for _, is := range []bool{c.Range.Of != "", c.Access.Act != 0, c.Status != nil} {
				kinds += int(truth(is))
			}
			kinds += int(truth(!c.Needs.IsZero()))
			require.Equal(t, 1, kinds, "%s, clause %d", info.Name, i)
			require.Equal(t, c.Range.Lo.IsZero(), c.Range.Hi.IsZero(), "%s, clause %d", info.Name, i)
			for _, x := range c.exprs() {
				x.uses(func(reg int) { require.NotEmpty(t, units[reg], "%s: %d: %d", info.Name, i, reg) })
			}
			footprint += int(truth(c.Access.Act != 0))
			for _, s := range c.Status {
				status[info.Unit][s] = true
			}
		}
		require.Equal(t, info.Format == FmtCmd, footprint > 0, "%s has no footprint", info.Name)
		for reg, unit := range units {
			params[info.Unit][reg] = params[info.Unit][reg] || unit != ""
		}
	}
	for u, info := range Units {
		for i := range NumParams {
			require.Equal(t, i < len(info.Params), params[u][i], "parameter %d of %s", i, info.Name)
			require.Equal(t, i < len(info.Status), status[u][i], "status register %d of %s", i, info.Name)
		}
	}
}

// Some limits by number.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		op     Op
		param  int
		lo, hi int
	}{
		{OpDrainErr, DrainShift, -15, 47}, {OpDEPCRun, DEPCShift, -15, 47}, {OpEPCRun, EPCShift, -15, 47},
		{OpDNNCMac, DNNCNB, 1, 128}, {OpDNNCGrad, DNNCNB, 1, 32}, {OpDNNCMac, DNNCGroups, 1, 64},
		{OpDrainAct, DrainBlock, 0, 64}, {OpMomB, MomTShift, -22, 62}, {OpMomW, MomRows, 1, 64}, {OpMomW, MomGShift, -14, 62},
		{OpMomW, MomSplit, -1 << 31, 1<<31 - 1}, {OpNormFwd, NormH, 1, 4095},
		{OpLossCE, LossFrac, -8, 39},
		{OpLossEval, LossFrac, -1 << 31, 1<<31 - 1}, {OpDMACopy, DMAN, 1, 1 << 25},
		{OpNormUpdate, NormEta, 0, 65535},
	} {
		lo, hi := c.op.Limits(c.param)
		require.Equal(t, [2]int{c.lo, c.hi}, [2]int{lo, hi}, "%s %d", Lookup(c.op).Name, c.param)
	}
}

// What no command of a unit takes is refused; 0, and what one of them takes, is not.
func TestCheckParam(t *testing.T) {
	for _, c := range []struct {
		name   string
		lo, hi int32
	}{
		{"mom.tshift", -22, 62}, {"dma.n", 0, 1 << 25}, {"norm.pool", 0, 3}, {"loss.frac", -8, 39},
		{"wld.groups", 0, 64}, {"drain.nb", 0, 128},
	} {
		aux, ok := OperandParam.Aux(c.name)
		require.True(t, ok)
		require.NoError(t, CheckParam(aux, c.lo))
		require.NoError(t, CheckParam(aux, c.hi))
		require.ErrorContains(t, CheckParam(aux, c.lo-1), c.name+": got ")
		require.ErrorContains(t, CheckParam(aux, c.hi+1), c.name+": got ")
	}
	aux, _ := OperandParam.Aux("dma.xaddr")
	require.NoError(t, CheckParam(aux, -1))
}

// A machine with other sizes has other limits: nothing is written out.
func TestBind(t *testing.T) {
	m := Reference()
	m[Lanes], m[Streams], m[Batch], m[Block] = 1024, 8, 16, 32
	e := &Env{P: &[NumParams]uint32{DrainSplit: 3, DrainLanes: 128, DrainNB: 128}}
	for _, c := range OpDrainErr.Contract().Bind(&m) {
		if c.Checked() {
			_, ok := c.Check(e)
			require.True(t, ok, "%v", c.Error(e, Lookup(OpDrainErr)))
			e.P[c.Param]++
			_, ok = c.Check(e)
			require.Equal(t, c.Param == DrainShift, ok, c.Param)
			e.P[c.Param]--
		}
	}
}
