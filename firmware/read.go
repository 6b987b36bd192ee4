package firmware

import (
	"encoding/binary"

	"bdfasim/isa/image"
)

// Memory returns the external memory that an image starts with: its segments, zeros elsewhere.
func Memory(img *image.Image) []byte {
	mem := make([]byte, img.XMemBytes)
	for _, s := range img.Segments {
		copy(mem[s.Addr:], s.Data)
	}
	return mem
}

// The readers below take external memory from address 0, at least Header.XMemBytes bytes of it, and a layer 1..L; they
// panic, as an index does, when that is not so.

// Weights returns W_i, N_i x N_{i-1} row-major, with Layers[i].Fw fraction bits.
func (p *Plan) Weights(mem []byte, i int) []int16 {
	d := &p.Layers[i]
	return UnpackWeights(mem[d.Weights:], int(d.NOut), int(d.NIn))
}

// Velocities returns V_i, N_i x N_{i-1} row-major, with Layers[i].Fv fraction bits.
func (p *Plan) Velocities(mem []byte, i int) []int32 {
	d := &p.Layers[i]
	return UnpackVelocities(mem[d.Velocities:], int(d.NOut), int(d.NIn))
}

// Biases returns b_i with Layers[i].FoIn + Layers[i].Fw fraction bits.
func (p *Plan) Biases(mem []byte, i int) []int32 {
	d := &p.Layers[i]
	out := make([]int32, d.NOut)
	for j := range out {
		out[j] = int32(binary.LittleEndian.Uint32(mem[int(d.Biases)+j*biasBytes:]))
	}
	return out
}

// BiasVelocities returns vb_i with Layers[i].Fv fraction bits.
func (p *Plan) BiasVelocities(mem []byte, i int) []int32 {
	d := &p.Layers[i]
	out := make([]int32, d.NOut)
	for j := range out {
		out[j] = Int24(mem[int(d.BiasVelocities)+j*velBytes:])
	}
	return out
}

// Results returns the records of the epochs finished so far.
func (p *Plan) Results(mem []byte) []EpochResult { return p.Header.Read(mem) }

// Read is Plan.Results.
func (h *Header) Read(mem []byte) []EpochResult {
	var out []EpochResult
	for e := uint32(0); e < h.Epochs; e++ {
		var r EpochResult
		if err := Decode(mem[h.Results+e*RecordBytes:], &r); err != nil || r.Epoch == 0 {
			break
		}
		out = append(out, r)
	}
	return out
}
