package testbench

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/qmodel"
	"bdfasim/sim/inspect"
)

// modelTensors are the fixed-point model's, by what their names end in.
func modelTensors(m *qmodel.Model, conv bool) map[string]any {
	t := map[string]any{"W": m.W, "V": m.V, "b": m.B, "vb": m.VB, "o": m.O, "e": m.E, "mask": m.Mask}
	if conv {
		for name, all := range map[string]any{
			"z": m.Z, "pos": m.Pos, "d": m.D, "bn.gamma": m.Gamma, "bn.beta": m.Beta,
			"bn.vgamma": m.VGamma, "bn.vbeta": m.VBeta, "bn.mean": m.RM, "bn.var": m.RV,
		} {
			t[name] = all
		}
	}
	return t
}

// Every tensor that an image names is read as the fixed-point model has it after the last step.
func TestInspect(t *testing.T) {
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	j := job{net: small, rule: compile.BP, samples: 6, batch: 3, epochs: 1}
	s, err := j.spec(5)
	require.NoError(t, err)
	l, img, err := start(s, j.config())
	require.NoError(t, err)
	require.NoError(t, l.Run(t.Context(), 0))
	seen := map[string]bool{}
	for _, tensor := range img.Tensors {
		layer, name, _ := strings.Cut(tensor.Name, ".")
		if layer == "images" {
			continue
		}
		got, err := inspect.Read(l.Chip, img, tensor.Name)
		require.NoError(t, err)
		var want reflect.Value
		switch all, ok := modelTensors(l.Model, l.Plan.Layers[tensor.Layer].Conv)[name]; {
		case name == "a":
			want = reflect.ValueOf(l.Model.A)
		case name == "in":
			want = reflect.ValueOf(l.Model.O[tensor.Layer-1])
		default:
			require.True(t, ok, tensor.Name)
			want = reflect.ValueOf(all).Index(tensor.Layer)
		}
		// The last convolution's maps have padded channels in the model.
		channels := tensor.Shape[len(tensor.Shape)-1]
		padded := want.Len() * channels / len(got.Data)
		require.Equal(t, want.Len()/padded*channels, len(got.Data), tensor.Name)
		for k, v := range got.Data {
			at := want.Index(k/channels*padded + k%channels)
			require.Equal(t, element(at), v, "%s[%d]", tensor.Name, k)
		}
		seen[name] = true
	}
	require.Len(t, seen, 18, "every kind of tensor")
}

// element is an element of a tensor of the model.
func element(v reflect.Value) int64 {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(v.Uint())
	case v.Bool():
		return 1
	}
	return 0
}
