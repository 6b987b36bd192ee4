package golden

// frozen keeps every parameter at its initial value and computes BP's errors.
type frozen struct{ bp }

func (frozen) trains(*Network, int) bool { return false }

// convOnly trains the convolutions by BP through FC layers that stay as they
// were drawn: the control that shows what training the FC layers adds.
type convOnly struct{ bp }

func (convOnly) trains(n *Network, i int) bool { return i <= n.convs }
