// Package sample estimates what a training takes on the chip from a few simulated steps.
package sample
