package rtl

import "bdfasim/rtl/port"

// maskPort is a port of the f' mask memory: the registers that ask, and those that are answered.
type maskPort struct {
	req  *port.MaskReq
	data *port.MaskData
}

// connectMask is the f' mask memory behind its arbiter: it has one port, and serves the first unit that asks.
func (c *Chip) connectMask() {
	served := false
	for _, p := range c.maskPorts {
		if p.req == nil {
			continue
		}
		if p.data.Valid = p.req.Valid && !served; !p.data.Valid {
			continue
		}
		served = true
		if word := &c.mask[p.req.Addr]; p.req.Write {
			*word = p.req.Data
		} else {
			p.data.Data = *word
		}
	}
}
