package profile_test

import (
	"context"
	"fmt"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/isa"
	"bdfasim/power/table"
	"bdfasim/sim/profile"
	"bdfasim/sim/profile/trial"
)

// fused compares a step in the middle of an epoch with a plain and with a fused schedule: what one more step takes.
func fused() error {
	t := table.New("A step with a plain and with a fused schedule", "network", "rule", "plain", "fused", "less (%)", "predicted", "difference (%)", "words, plain", "words, fused", "less (%)")
	for _, name := range []string{"mlp-784-512-512-10", "mdnet-head", "cnn"} {
		n, err := trial.Net(name)
		if err != nil {
			return err
		}
		for _, c := range []struct {
			rule string
			arm  compile.Arm
		}{{compile.BP, compile.ArmDNNC}, {compile.BP, compile.ArmEPC}, {compile.BDFA, compile.ArmDEPC}} {
			s, err := trial.Spec(n, c.rule, 32, trial.Random)
			if err != nil {
				return err
			}
			s.Arm = c.arm
			plain, _, err := oneMore(s, 1)
			if err != nil {
				return err
			}
			s.Fused = true
			measured, predicted, err := oneMore(s, 2)
			if err != nil {
				return err
			}
			less := func(a, b float64) float64 { return 100 * (1 - b/a) }
			t.Row(n.Name, fmt.Sprintf("%s, %s", c.rule, c.arm), int(plain.cycles), int(measured.cycles), less(plain.cycles, measured.cycles), int(predicted+0.5),
				100*(predicted/measured.cycles-1), int(plain.words), int(measured.words), less(plain.words, measured.words))
		}
	}
	t.Note("random images, half of their pixels zero, the same batch in each step; what a run takes more than one that is a step shorter; predicted: the fused step, with the densities of its simulation")
	return emit(t)
}

// step is what a training step takes.
type step struct{ cycles, words float64 }

// oneMore simulates a specification of one batch with so many steps and with one more, and predicts the step.
func oneMore(s compile.Spec, steps int) (measured step, predicted float64, err error) {
	var runs [2]*profile.Profile
	var plan *compile.Plan
	for k := range runs {
		if plan, runs[k], err = trial.Run(context.Background(), trial.Repeat(s, steps+k), trial.Config(64)); err != nil {
			return step{}, 0, err
		}
	}
	measured.cycles = float64(runs[1].Cycles - runs[0].Cycles)
	for k := range runs[1].Tags {
		x := &runs[1].Tags[k]
		measured.words += float64(x.Words)
		if y := runs[0].Find(isa.Phase(x.Tag.Phase()), int(x.Tag.Layer())); y != nil {
			measured.words -= float64(y.Words)
		}
	}
	d, err := trial.Density(plan, runs[1], runs[0])
	if err != nil {
		return step{}, 0, err
	}
	rows, err := predict.Step(plan, d)
	for _, r := range rows {
		predicted += r.Cycles
	}
	return measured, predicted, err
}
