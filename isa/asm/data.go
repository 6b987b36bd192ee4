package asm

import "bdfasim/isa"

// numbers handles a list of numbers of a size in bytes.
func numbers(size int) directive {
	return func(a *assembler, c *cursor, p pos) {
		for more := true; more; more = c.accept(',') {
			e := a.expression(c)
			s := a.section
			if s == a.text && size == isa.WordBytes && s.loc()%isa.WordBytes == 0 {
				a.addLine(p)
			}
			at := len(s.buf)
			b := a.grow(int64(size), e.col)
			if e.node == nil {
				store(b, e.n, e.col)
				continue
			}
			a.later(p, e, func(v value) { store(s.buf[at:at+size], v.n, e.col) })
		}
	}
}

// texts handles a list of strings, each with an end appended.
func texts(end string) directive {
	return func(a *assembler, c *cursor, p pos) {
		for more := true; more; more = c.accept(',') {
			s := c.text() + end
			copy(a.grow(int64(len(s)), p.col), s)
		}
	}
}

// zero handles .zero n.
func (a *assembler) zero(c *cursor, _ pos) {
	n, col := a.known(c)
	if n < 0 {
		fail(col, "got %d bytes, want 0 or more", n)
	}
	a.grow(n, col)
}

// fill handles .fill repeat, size, value.
func (a *assembler) fill(c *cursor, _ pos) {
	args, col := [3]int64{0, 1, 0}, 0
	for i := range args {
		if args[i], col = a.known(c); i == 2 || !c.accept(',') {
			break
		}
	}
	count, size, v := args[0], args[1], args[2]
	if count < 0 || size != 1 && size != 2 && size != 4 && size != 8 {
		fail(col, "got %d numbers of %d bytes, want 0 or more of 1, 2, 4 or 8", count, size)
	}
	count = min(count, a.section.limit+1) // so that the product cannot overflow
	for b := a.grow(count*size, col); len(b) > 0; b = b[size:] {
		store(b[:size], v, col)
	}
}

// align handles .align n and .balign n, with an optional value of the bytes skipped.
func (a *assembler) align(c *cursor, _ pos) {
	n, col := a.known(c)
	fill := int64(0)
	if c.accept(',') {
		fill, _ = a.known(c)
	}
	if n < 1 || n > 1<<20 || n&(n-1) != 0 {
		fail(col, "alignment: got %d bytes, want a power of two in 1..%d", n, 1<<20)
	}
	b := a.grow(-a.section.loc()&(n-1), col)
	for i := range b {
		store(b[i:i+1], fill, col)
	}
}

// org handles .org address: at the start of a section of external memory it says where the section
// lies; elsewhere zeros are inserted up to the address.
func (a *assembler) org(c *cursor, _ pos) {
	n, col := a.known(c)
	s := a.section
	if s != a.text && s != a.scratch && !s.used && n >= 0 && n <= s.limit {
		s.base, s.used = n, true
		return
	}
	if n < s.loc() || n > s.limit {
		fail(col, "address: got 0x%x, want 0x%x..0x%x: section %s only grows",
			uint64(n), s.loc(), s.limit, s.name)
	}
	a.grow(n-s.loc(), col)
}
