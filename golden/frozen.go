package golden

// frozen keeps every parameter at its initial value and computes BP's errors:
// the control of a network whose fully connected part is not trained while
// something below it may be.
type frozen struct{ bp }

func (frozen) trains() bool { return false }
