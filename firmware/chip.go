package firmware

// Capacities are the sizes of the chip's memories that a plan must respect.
type Capacities struct {
	OMEMWords    int // of 64 bits
	Pointers     int // blocks of compressed maps
	MaskWords    int // f' bits, 16 a word
	SignEntries  int // stored feedback, 256 bits an entry
	DEPCClasses  int // the error buffer of the DEPC
	EPCErrors    int // that of the EPC
	LossClasses  int
	CodeBytes    int
	ScratchBytes int
	XMemBytes    int
}

// DefaultCapacities returns the memories of the reference machine.
func DefaultCapacities() Capacities {
	return Capacities{
		OMEMWords: 32768, Pointers: 8192, MaskWords: 8192, SignEntries: 512, DEPCClasses: 128, EPCErrors: 512, LossClasses: 1024,
		CodeBytes: 16 << 10, ScratchBytes: 4 << 10, XMemBytes: 64 << 20,
	}
}
