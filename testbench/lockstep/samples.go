package lockstep

import "encoding/binary"

// set is where a set of samples lies in external memory: the entries of its order, and its images.
type set struct{ order, images uint32 }

// train is the training set in the order of an epoch, from 0.
func (l *Lockstep) train(epoch int) set {
	h := &l.Plan.Header
	return set{h.TrainOrder + uint32(epoch)*h.OrderStride, h.TrainImages}
}

// test is the test set.
func (l *Lockstep) test() set { return set{l.Plan.Header.TestOrder, l.Plan.Header.TestImages} }

// samples reads samples first, first+1, ..., n of them, from external memory as the program does: x has the bytes of their
// images one after another, y their labels.
func (l *Lockstep) samples(s set, first, n int) (x []uint8, y []int) {
	h, mem := &l.Plan.Header, l.Chip.XMemory()
	for k := first; k < first+n; k++ {
		entry := mem[int(s.order)+4*k:] // index of the image, label
		at := int(s.images) + int(binary.LittleEndian.Uint16(entry))*int(h.ImageStride)
		x = append(x, mem[at:at+int(h.Inputs)]...)
		y = append(y, int(binary.LittleEndian.Uint16(entry[2:])))
	}
	return x, y
}
