package firmware

const (
	burst      = 32 // bytes of an external access; commands take multiples of it only
	orderEntry = 4
	signBytes  = 32 // a 256-bit entry
)

func ceilDiv(n, d int) int { return (n + d - 1) / d }

func padTo(n, unit int) int { return ceilDiv(n, unit) * unit }

// PackBiases lays biases out, zero-padded to a multiple of 64.
func PackBiases(b []int32) []byte {
	return Encode(b, padTo(len(b), 64)*4)
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
	out := make([]uint32, n)
	for i := range out {
		index := i
		if order != nil {
			index = order[i]
		}
		out[i] = uint32(index) | uint32(labels[index])<<16
	}
	return Encode(out, padTo(n*orderEntry, burst))
}

// SignEntriesFor is how many entries the signs of a layer take: one for each 16 neurons and 16 classes.
func SignEntriesFor(neurons, classes int) int { return ceilDiv(neurons, 16) * ceilDiv(classes, 16) }

// signAt is the bit of a stored sign: byte and place in it (docs/arithmetic.md section 4): bit
// t*C + c of the entry of (group, pass) is that of neuron 16*group + t and class 16*pass + c, C
// being the classes of that pass.
func signAt(neuron, class, classes int) (at, bit int) {
	pass := class / 16
	bit = neuron%16*min(16, classes-16*pass) + class%16
	return (neuron/16*ceilDiv(classes, 16)+pass)*signBytes + bit/8, bit % 8
}

// PackSigns makes the stored feedback of one layer from signs, neurons x classes: 1 is positive.
func PackSigns(signs []int8, neurons, classes int) []byte {
	out := make([]byte, SignEntriesFor(neurons, classes)*signBytes)
	for k, sign := range signs {
		if sign >= 0 {
			at, bit := signAt(k/classes, k%classes, classes)
			out[at] |= 1 << bit
		}
	}
	return out
}

// UnpackSigns is the inverse of PackSigns.
func UnpackSigns(mem []byte, neurons, classes int) []int8 {
	out := make([]int8, neurons*classes)
	for k := range out {
		at, bit := signAt(k/classes, k%classes, classes)
		out[k] = int8(mem[at]>>bit&1)*2 - 1
	}
	return out
}
