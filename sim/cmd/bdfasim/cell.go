package main

import (
	"fmt"
	"math"

	"bdfasim/power/table"
)

// rate is a learning rate, a power of two as 2^-6.
func rate(x float64) table.Number { return table.Number{Value: x, Text: rateText(x)} }

// rateText writes a learning rate, as --lr reads it.
func rateText(x float64) string {
	if fraction, exp := math.Frexp(x); fraction == 0.5 {
		return fmt.Sprintf("2^%d", exp-1)
	}
	return table.Digits(x)
}

// accuracy is 100 x of a number 0..1 with the digits that thousands of images give, or a dash for what was not tested.
func accuracy(x float64) any {
	if x < 0 {
		return "-"
	}
	return table.Fixed(100*x, 2)
}
