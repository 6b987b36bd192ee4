package asm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bdfasim/isa"
)

// cursor reads the tokens of one line. Methods that find something else than they want fail.
type cursor struct {
	s string
	i int
}

func isIdentStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '.' || c == '$'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isIdent(c byte) bool { return isIdentStart(c) || isDigit(c) }

// col skips blanks and returns the column of what follows.
func (c *cursor) col() int {
	for c.i < len(c.s) && (c.s[c.i] == ' ' || c.s[c.i] == '\t') {
		c.i++
	}
	return c.i
}

// peek returns the next character that is no blank, 0 at the end of the line.
func (c *cursor) peek() byte {
	if i := c.col(); i < len(c.s) {
		return c.s[i]
	}
	return 0
}

// atEnd tells whether the statement ends here.
func (c *cursor) atEnd() bool {
	b := c.peek()
	return b == 0 && c.i == len(c.s) || b == ';'
}

// end wants the end of a statement here, of a line or of something else that ends as they do.
func (c *cursor) end(what string) {
	if !c.atEnd() {
		c.want("%s", what)
	}
}

// accept skips a character if it is the next one.
func (c *cursor) accept(b byte) bool {
	if c.peek() == b && c.i < len(c.s) {
		c.i++
		return true
	}
	return false
}

func (c *cursor) expect(b byte) {
	if !c.accept(b) {
		c.want("'%c'", b)
	}
}

// assigns tells whether '=' follows, not "==".
func (c *cursor) assigns() bool {
	return c.peek() == '=' && !strings.HasPrefix(c.s[c.i:], "==")
}

// want fails with the next token and what should stand in its place.
func (c *cursor) want(format string, args ...any) {
	fail(c.col(), "got %s, want %s", c.what(), fmt.Sprintf(format, args...))
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
	if !isIdentStart(c.peek()) {
		return ""
	}
	return c.while(isIdent)
}

// while returns the characters from here on that are of a kind.
func (c *cursor) while(kind func(byte) bool) string {
	start := c.i
	for c.i < len(c.s) && kind(c.s[c.i]) {
		c.i++
	}
	return c.s[start:c.i]
}

// name returns the symbol name here; register names are refused.
func (c *cursor) name() string {
	col := c.col()
	id := c.ident()
	if id == "" || id == "." {
		c.i = col
		c.want("a name")
	}
	if _, ok := isa.RegByName(id); ok {
		fail(col, "%q is a register and cannot name a symbol", id)
	}
	if len(id) > maxNameBytes {
		fail(col, "name of %d bytes, want at most %d", len(id), maxNameBytes)
	}
	return id
}

// paramName returns the name of a parameter here.
func (c *cursor) paramName() string {
	name := c.name()
	if strings.ContainsAny(name, ".$") {
		fail(c.i, "parameter %q: want letters, digits and '_'", name)
	}
	return name
}

// register returns the scalar register here.
func (c *cursor) register() uint8 {
	col := c.col()
	r, ok := isa.RegByName(c.ident())
	if !ok {
		c.i = col
		c.want("a register r0..r%d", isa.NumRegs-1)
	}
	return r
}

// text returns the string constant here, with its escapes replaced.
func (c *cursor) text() string {
	if c.peek() != '"' {
		c.want("a string in double quotes")
	}
	start := c.i
	n, closed := quotedLen(c.s[start:])
	if !closed {
		fail(start, "string without closing quote")
	}
	var b []byte
	for c.i++; c.i < start+n-1; {
		v, k, err := unescape(c.s[c.i : start+n-1])
		if err != nil {
			fail(c.i, "%v", err)
		}
		b = append(b, v)
		c.i += k
	}
	c.i++
	return string(b)
}

// quotedLen returns the length of the string constant at the start of s, to the end of s if it is
// not closed.
func quotedLen(s string) (n int, closed bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		}
	}
	return len(s), false
}

// literalLen returns the length of the string or character constant at the start of s, 1 if there
// is none.
func literalLen(s string) int {
	switch s[0] {
	case '"':
		n, _ := quotedLen(s)
		return n
	case '\'':
		if _, n, err := charConstant(s); err == nil {
			return n
		}
	}
	return 1
}

var errChar = errors.New(
	"character constant: want 'c' or an escape such as '\\n', '\\\\', '\\'' or '\\x41'")

var errEscape = errors.New(
	`unknown escape, want \n \t \r \0 \\ \" \' or \x and two hexadecimal digits`)

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
	return 0, 0, errEscape
}
