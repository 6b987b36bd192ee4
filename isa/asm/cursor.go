package asm

import (
	"errors"
	"strconv"
	"strings"

	"bdfasim/isa"
)

// cursor reads the tokens of one line.
type cursor struct {
	s string
	i int
}

func isIdentStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '.' || c == '$'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isIdent(c byte) bool { return isIdentStart(c) || isDigit(c) }

func (c *cursor) skip() {
	for c.i < len(c.s) && (c.s[c.i] == ' ' || c.s[c.i] == '\t') {
		c.i++
	}
}

// peek returns the next character that is no blank, 0 at the end of the line.
func (c *cursor) peek() byte {
	c.skip()
	if c.i < len(c.s) {
		return c.s[c.i]
	}
	return 0
}

// atEnd tells whether the statement ends here.
func (c *cursor) atEnd() bool {
	b := c.peek()
	return b == 0 && c.i == len(c.s) || b == ';'
}

// accept skips a character if it is the next one.
func (c *cursor) accept(b byte) bool {
	if c.peek() == b && c.i < len(c.s) {
		c.i++
		return true
	}
	return false
}

func (c *cursor) expect(b byte) error {
	if !c.accept(b) {
		return failf(c.i, "got %s, want '%c'", c.what(), b)
	}
	return nil
}

// what describes the next token for error messages.
func (c *cursor) what() string {
	if c.atEnd() {
		return "the end of the statement"
	}
	if id := (&cursor{c.s, c.i}).ident(); id != "" {
		return strconv.Quote(id)
	}
	return strconv.QuoteRune([]rune(c.s[c.i:])[0])
}

// ident returns the identifier here, or "".
func (c *cursor) ident() string {
	c.skip()
	start := c.i
	if c.i < len(c.s) && isIdentStart(c.s[c.i]) {
		for c.i < len(c.s) && isIdent(c.s[c.i]) {
			c.i++
		}
	}
	return c.s[start:c.i]
}

// name returns the symbol name here; register names are refused.
func (c *cursor) name() (string, error) {
	c.skip()
	col := c.i
	id := c.ident()
	if id == "" || id == "." {
		c.i = col
		return "", failf(col, "got %s, want a name", c.what())
	}
	if _, ok := isa.RegByName(id); ok {
		return "", failf(col, "%q is a register and cannot name a symbol", id)
	}
	if len(id) > maxNameBytes {
		return "", failf(col, "name of %d bytes, want at most %d", len(id), maxNameBytes)
	}
	return id, nil
}

// register returns the scalar register here.
func (c *cursor) register() (uint8, error) {
	c.skip()
	col := c.i
	id := c.ident()
	if r, ok := isa.RegByName(id); ok {
		return r, nil
	}
	c.i = col
	return 0, failf(col, "got %s, want a register r0..r%d", c.what(), isa.NumRegs-1)
}

// text returns the string constant here, with its escapes replaced.
func (c *cursor) text() (string, error) {
	if c.peek() != '"' {
		return "", failf(c.i, "got %s, want a string in double quotes", c.what())
	}
	start := c.i
	n := quotedLen(c.s[start:])
	q := c.s[start : start+n]
	if n < 2 || q[n-1] != '"' || !closed(q) {
		return "", failf(start, "string without closing quote")
	}
	var b []byte
	for i := 1; i < n-1; {
		v, k, err := unescape(q[i : n-1])
		if err != nil {
			return "", failf(start+i, "%v", err)
		}
		b = append(b, v)
		i += k
	}
	c.i = start + n
	return string(b), nil
}

// closed tells whether the last quote of q is not an escaped one.
func closed(q string) bool {
	slashes := 0
	for i := len(q) - 2; i > 0 && q[i] == '\\'; i-- {
		slashes++
	}
	return slashes%2 == 0
}

var errChar = errors.New("character constant: want 'c' or an escape such as '\\n', '\\\\', '\\'' or '\\x41'")

// charConstant returns the value and length of the character constant at the start of s.
func charConstant(s string) (v byte, n int, err error) {
	if len(s) < 3 {
		return 0, 0, errChar
	}
	v, k, err := unescape(s[1:])
	if err != nil {
		return 0, 0, err
	}
	if 1+k >= len(s) || s[1+k] != '\'' {
		return 0, 0, errChar
	}
	return v, k + 2, nil
}

// unescape returns the byte that s begins with and how many characters it took.
func unescape(s string) (v byte, n int, err error) {
	if s[0] != '\\' {
		return s[0], 1, nil
	}
	if len(s) >= 2 {
		if i := strings.IndexByte(`ntr0\"'`, s[1]); i >= 0 {
			return "\n\t\r\x00\\\"'"[i], 2, nil
		}
		if s[1] == 'x' && len(s) >= 4 {
			if u, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
				return byte(u), 4, nil
			}
		}
	}
	return 0, 0, errors.New(`unknown escape, want \n \t \r \0 \\ \" \' or \x and two hexadecimal digits`)
}
