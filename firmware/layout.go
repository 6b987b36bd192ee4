package firmware

import "encoding/binary"

const (
	burst      = 32 // bytes of an external access; commands take multiples of it only
	orderEntry = 4
	signBytes  = 32 // a 256-bit entry
)

// ceilDiv returns n / d, rounded up.
func ceilDiv(n, d int) int { return (n + d - 1) / d }

// padTo returns n rounded up to a multiple of unit.
func padTo(n, unit int) int { return ceilDiv(n, unit) * unit }

// PackBiases lays biases out, zero-padded to a multiple of 64.
func PackBiases(b []int32) []byte {
	out := make([]byte, padTo(len(b), 64)*4)
	for j, v := range b {
		binary.LittleEndian.PutUint32(out[j*4:], uint32(v))
	}
	return out
}

// PackImages pads each image of size bytes to a multiple of a burst.
func PackImages(images []byte, size int) []byte {
	n, stride := len(images)/size, padTo(size, burst)
	out := make([]byte, n*stride)
	for i := range n {
		copy(out[i*stride:], images[i*size:(i+1)*size])
	}
	return out
}

// PackOrder makes the order entries of one pass over a set: sample index | label << 16, padded to a multiple of a
// burst. A nil order means all samples as they lie.
func PackOrder(order []int, labels []uint16) []byte {
	n := len(order)
	if order == nil {
		n = len(labels)
	}
	out := make([]byte, padTo(n*orderEntry, burst))
	for i := range n {
		index := i
		if order != nil {
			index = order[i]
		}
		binary.LittleEndian.PutUint32(out[i*orderEntry:], uint32(index)|uint32(labels[index])<<16)
	}
	return out
}

// SignEntriesFor is how many entries the signs of a layer take: one for each 16 neurons and 16 classes.
func SignEntriesFor(neurons, classes int) int { return ceilDiv(neurons, 16) * ceilDiv(classes, 16) }

// PackSigns makes the stored feedback of one layer, docs/arithmetic.md section 4: bit t*C + c of the entry of (group,
// pass) is 1 if the sign of neuron 16*group + t and class 16*pass + c is +1, C being the classes of that pass.
func PackSigns(signs []int8, neurons, classes int) []byte {
	passes := ceilDiv(classes, 16)
	out := make([]byte, SignEntriesFor(neurons, classes)*signBytes)
	for n := range neurons {
		for c := range classes {
			if signs[n*classes+c] < 0 {
				continue
			}
			pass := c / 16
			width := min(16, classes-16*pass)
			bit := (n%16)*width + c%16
			out[(n/16*passes+pass)*signBytes+bit/8] |= 1 << (bit % 8)
		}
	}
	return out
}

// UnpackSigns is the inverse of PackSigns.
func UnpackSigns(mem []byte, neurons, classes int) []int8 {
	passes := ceilDiv(classes, 16)
	out := make([]int8, 0, neurons*classes)
	for n := range neurons {
		for c := range classes {
			pass := c / 16
			bit := (n%16)*min(16, classes-16*pass) + c%16
			out = append(out, int8(mem[(n/16*passes+pass)*signBytes+bit/8]>>(bit%8)&1)*2-1)
		}
	}
	return out
}
