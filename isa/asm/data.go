package asm

import (
	"bdfasim/isa"
)

// numbers handles a list of numbers of a size in bytes.
func numbers(size int) directive {
	return func(a *assembler, c *cursor, p pos) error {
		for {
			c.skip()
			p.col = c.i
			e, err := a.expression(c)
			if err != nil {
				return err
			}
			if a.section == a.text && size == isa.WordBytes && a.text.loc()%isa.WordBytes == 0 {
				a.addLine(p)
			}
			if err := a.datum(e, size, p); err != nil {
				return err
			}
			if !c.accept(',') {
				return nil
			}
		}
	}
}

// datum appends one number to the current section.
func (a *assembler) datum(e expr, size int, p pos) error {
	s := a.section
	at := len(s.buf)
	b, err := a.grow(int64(size), p.col)
	if err != nil {
		return err
	}
	if e.node == nil {
		return store(b, e.n, p.col)
	}
	return a.later(p, e, func(v value) error { return store(s.buf[at:at+size], v.n, p.col) })
}

// texts handles a list of strings, each with an end appended.
func texts(end string) directive {
	return func(a *assembler, c *cursor, p pos) error {
		for {
			s, err := c.text()
			if err != nil {
				return err
			}
			b, err := a.grow(int64(len(s)+len(end)), p.col)
			if err != nil {
				return err
			}
			copy(b, s+end)
			if !c.accept(',') {
				return nil
			}
		}
	}
}

// zero handles .zero n.
func (a *assembler) zero(c *cursor, _ pos) error {
	c.skip()
	col := c.i
	n, err := a.known(c)
	if err != nil {
		return err
	}
	if n < 0 {
		return failf(col, "got %d bytes, want 0 or more", n)
	}
	_, err = a.grow(n, col)
	return err
}

// fill handles .fill repeat, size, value.
func (a *assembler) fill(c *cursor, p pos) error {
	args := [3]int64{0, 1, 0}
	for i := range args {
		c.skip()
		p.col = c.i
		v, err := a.known(c)
		if err != nil {
			return err
		}
		if args[i] = v; !c.accept(',') || i == 2 {
			break
		}
	}
	count, size, v := args[0], args[1], args[2]
	if count < 0 || size != 1 && size != 2 && size != 4 && size != 8 {
		return failf(p.col, "got %d numbers of %d bytes, want 0 or more of 1, 2, 4 or 8", count, size)
	}
	if count > a.section.limit { // so that the product cannot overflow
		count = a.section.limit + 1
	}
	b, err := a.grow(count*size, p.col)
	for ; err == nil && len(b) > 0; b = b[size:] {
		err = store(b[:size], v, p.col)
	}
	return err
}

// align handles .align n and .balign n, with an optional value of the bytes skipped.
func (a *assembler) align(c *cursor, p pos) error {
	c.skip()
	p.col = c.i
	n, err := a.known(c)
	if err != nil {
		return err
	}
	fill := int64(0)
	if c.accept(',') {
		if fill, err = a.known(c); err != nil {
			return err
		}
	}
	if n < 1 || n > 1<<20 || n&(n-1) != 0 {
		return failf(p.col, "alignment: got %d bytes, want a power of two in 1..%d", n, 1<<20)
	}
	b, err := a.grow(-a.section.loc()&(n-1), p.col)
	for i := 0; err == nil && i < len(b); i++ {
		err = store(b[i:i+1], fill, p.col)
	}
	return err
}

// org handles .org address: at the start of a section of external memory it says where the section lies; elsewhere
// zeros are inserted up to the address.
func (a *assembler) org(c *cursor, _ pos) error {
	c.skip()
	col := c.i
	n, err := a.known(c)
	if err != nil {
		return err
	}
	s := a.section
	if s != a.text && s != a.scratch && !s.used && n >= 0 && n <= s.limit {
		s.base, s.used = n, true
		return nil
	}
	if n < s.loc() || n > s.limit {
		return failf(col, "address: got 0x%x, want 0x%x..0x%x: section %s only grows", uint64(n), s.loc(), s.limit, s.name)
	}
	_, err = a.grow(n-s.loc(), col)
	return err
}
