package qmodel

// Work says how many operands of a layer are not zero, each as often as it is multiplied for one
// output channel (Errors: input channel); taps beyond a map count nothing. All counts zeros, too.
type Work struct {
	Forward, AllForward int // o_{i-1} in the layer's sums, and in its gradient
	Errors, AllErrors   int // e_i, brought down through the layer's weights
	Places              int // of e_i in the batch, which the gradient of a bias sums
}

// Work counts the last step, by layer 1..L.
func (m *Model) Work() []Work {
	out := m.work(&m.train, m.Batch)
	for i := 1; i <= m.top; i++ {
		if l := m.cfg.conv(i); l != nil {
			zh, zw := l.ZSize()
			out[i].Places = m.Batch * zh * zw
			out[i].Errors, out[i].AllErrors = l.meets(m.E[i], zh, zw, l.OutC, l.taken(zh, l.InH), l.taken(zw, l.InW))
		} else {
			out[i].Places = m.Batch
			out[i].Errors, out[i].AllErrors = nonZero(m.E[i]), len(m.E[i])
		}
	}
	return out
}

// TestWork counts the last n samples of a test, up to a batch: only Forward.
func (m *Model) TestWork(n int) []Work { return m.work(&m.test, n) }

func (m *Model) work(p *pass, nb int) []Work {
	out := make([]Work, m.top+1)
	for i := 1; i <= m.top; i++ {
		o := p.acts[i-1][:nb*m.size(i-1)]
		if l := m.cfg.conv(i); l != nil {
			zh, zw := l.ZSize()
			out[i].Forward, out[i].AllForward = l.meets(o, l.InH, l.InW, l.InC, l.seen(zh, l.InH), l.seen(zw, l.InW))
		} else {
			out[i].Forward, out[i].AllForward = nonZero(o), len(o)
		}
	}
	return out
}

// meets sums up what is not zero in maps, and all of it, each element as often as rows and columns
// say.
func (c *Conv) meets(maps []int16, h, w, chans int, rows, columns []int) (n, all int) {
	for at := 0; at < len(maps); at += chans {
		pixel := at / chans
		times := rows[pixel/w%h] * columns[pixel%w]
		n += times * nonZero(maps[at:at+chans])
		all += times * chans
	}
	return n, all
}

// seen is by how many places each of n inputs along an edge is seen, of z places.
func (c *Conv) seen(z, n int) []int {
	out := make([]int, n)
	c.along(z, n, func(_, input int) { out[input]++ })
	return out
}

// taken is how many of n inputs along an edge each of z places sees.
func (c *Conv) taken(z, n int) []int {
	out := make([]int, z)
	c.along(z, n, func(place, _ int) { out[place]++ })
	return out
}

func (c *Conv) along(z, n int, do func(place, input int)) {
	for place := range z {
		for k := range c.Kernel {
			if input := place*c.Stride - c.Pad + k; input >= 0 && input < n {
				do(place, input)
			}
		}
	}
}

func nonZero(values []int16) (n int) {
	for _, v := range values {
		if v != 0 {
			n++
		}
	}
	return n
}
