package power

import (
	"fmt"
	"math/rand/v2"

	"bdfasim/rtl/activity"
)

// 256 lanes multiply and accumulate for a cycle, in phase ff of layer 1.
func Example() {
	list, err := Default65().Prices(reference())
	if err != nil {
		panic(err)
	}
	var counts activity.Counts
	counts.Rows[activity.MakeTag(1, 1)][activity.MAC] = 256
	e, err := list.Measure(&counts, Cycles{1: 1})
	if err != nil {
		panic(err)
	}
	mac, n := e.Events(activity.MAC)
	fmt.Println(n, "x", list.Event[activity.MAC].AJ.PJ(), "=", list.Event[activity.MAC].Formula)
	fmt.Println(mac.PJ())
	// Output:
	// 256 x 3.002 pJ = 1 x 16x16 multiply + 1.5 x 32-bit add + 64 x register bit, clocked
	// 768.5 pJ
}

// A study of one question, how many additions a multiplication costs, over all constants at once.
func ExampleTech_Sample() {
	rng := rand.New(rand.NewPCG(1, 1))
	fewest, most := 1e9, 0.0
	for range 300 {
		list, err := Default65().Sample(rng).Prices(reference())
		if err != nil {
			panic(err)
		}
		ratio := float64(list.Event[activity.EPCMul].AJ) / float64(list.Event[activity.DEPCAdd].AJ)
		fewest, most = min(fewest, ratio), max(most, ratio)
	}
	fmt.Printf("%.0f to %.0f\n", fewest, most)
	// Output:
	// 9 to 14
}
