package rtl

import "bdfasim/rtl/port"

// serveMask gives a unit its cycle of the f' mask memory, which has one port: taken says that a
// unit before it asks, too. The drain comes first, then the DEPC, then the EPC.
func (c *Chip) serveMask(req *port.MaskReq, data *port.MaskData, taken bool) {
	if data.Valid = req.Valid && !taken; !data.Valid {
		return
	}
	if word := &c.mask[req.Addr]; req.Write {
		*word = req.Data
	} else {
		data.Data = *word
	}
}
