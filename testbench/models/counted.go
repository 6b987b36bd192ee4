package models

import (
	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
)

// Counted is what a model has counted in training, as the fields of a record have it: saturations and
// largest values.
func Counted(p *compile.Plan, st *qmodel.Stats) (want firmware.EpochResult) {
	top := len(p.Layers) - 1
	want.MaxTop = uint32(st.E[top].MaxAbs)
	for i := 1; i <= top; i++ {
		layer := &p.Layers[i]
		add(&want.SatFF, &want.MaxFF, st.Z[i])
		if layer.Conv {
			add(&want.SatErr, &want.MaxErr, st.D[i])
		}
		if layer.BN {
			add(&want.SatFF, nil, st.U[i])
			add(&want.SatErr, nil, st.Gamma[i], st.Beta[i], st.VGamma[i], st.VBeta[i])
		}
		if i < top && (layer.BN || !layer.Conv) {
			add(&want.SatErr, &want.MaxErr, st.E[i])
		}
		if layer.Conv || p.Spec().Rule != compile.ConvOnly {
			add(&want.SatV, &want.MaxV, st.V[i], st.VB[i])
			add(&want.SatW, &want.MaxW, st.W[i])
			add(&want.SatW, nil, st.B[i])
		}
	}
	return want
}

// add adds saturations to sat, and raises peak, if there is one, to the largest values.
func add(sat, peak *uint32, stats ...qmodel.Stat) {
	for _, s := range stats {
		*sat += uint32(s.Sat)
		if peak != nil {
			*peak = max(*peak, uint32(s.MaxAbs))
		}
	}
}
