package epc

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

func (u *Unit) checkLoad(cmd *port.Cmd) bool {
	return u.Fault.InRange(cmd, isa.EPCN, 1, u.columns*passWidth) && u.Fault.InRange(cmd, isa.EPCNB, 1, maxBatch)
}

// checkRun raises a fault if the command would leave a memory or uses a shape that the unit has not.
func (u *Unit) checkRun(cmd *port.Cmd) bool {
	if u.Errors == 0 { // nothing loaded
		u.Fault.Raise(port.FaultParam, cmd.PC, uint64(isa.EPCN)<<32)
		return false
	}
	if !u.Fault.InRange(cmd, isa.EPCNeurons, 1, 1<<16-1) || !u.Fault.InRange(cmd, isa.EPCShift, minShift, maxShift) {
		return false
	}
	groups := (uint64(cmd.P[isa.EPCNeurons]) + lanes - 1) / lanes
	return u.checkDst(cmd, groups) && u.checkMask(cmd, groups) && u.checkMatrix(cmd, groups)
}

// checkDst checks where the errors go. OMEM checks the ends of its own memory.
func (u *Unit) checkDst(cmd *port.Cmd, groups uint64) bool {
	if cmd.Is(isa.FlagX) {
		last := uint64(cmd.P[isa.EPCDst]) + uint64(u.Batch-1)*uint64(cmd.P[isa.EPCDStep]) + (groups-1)*port.BurstBytes
		return u.aligned(cmd, port.FaultXAddr, port.BurstBytes, isa.EPCDst, isa.EPCDStep) && u.inside(cmd, last, port.BurstBytes)
	}
	return u.aligned(cmd, port.FaultOMEMAddr, 4, isa.EPCDst, isa.EPCDStep)
}

// checkMask checks that the f' bits lie in their memory.
func (u *Unit) checkMask(cmd *port.Cmd, groups uint64) bool {
	last := uint64(cmd.P[isa.EPCMask]) + uint64(u.Batch-1)*uint64(cmd.P[isa.EPCMStep]) + groups - 1
	if !cmd.Is(isa.FlagAll) && last >= uint64(len(u.mask)) {
		u.Fault.Raise(port.FaultOMEMAddr, cmd.PC, last)
		return false
	}
	return true
}

// checkMatrix checks that all blocks of the matrix lie in external memory as a whole.
func (u *Unit) checkMatrix(cmd *port.Cmd, groups uint64) bool {
	kb, jb := (groups-1)*lanes/blockEdge, (uint64(u.Passes)-1)*passWidth/blockEdge
	last := uint64(cmd.P[isa.EPCMatrix]) + kb*uint64(cmd.P[isa.EPCKStep]) + jb*uint64(cmd.P[isa.EPCJStep])
	return u.aligned(cmd, port.FaultXAddr, port.BurstBytes, isa.EPCMatrix, isa.EPCKStep, isa.EPCJStep) && u.inside(cmd, last, blockBytes)
}

// aligned raises a fault with the first of the parameters that is no multiple of unit.
func (u *Unit) aligned(cmd *port.Cmd, code port.FaultCode, unit uint32, params ...int) bool {
	for _, p := range params {
		if cmd.P[p]%unit != 0 {
			u.Fault.Raise(code, cmd.PC, uint64(cmd.P[p]))
			return false
		}
	}
	return true
}

// inside raises a fault unless the bytes at addr lie in external memory.
func (u *Unit) inside(cmd *port.Cmd, addr, bytes uint64) bool {
	if addr+bytes > u.xbytes {
		u.Fault.Raise(port.FaultXAddr, cmd.PC, addr)
		return false
	}
	return true
}
