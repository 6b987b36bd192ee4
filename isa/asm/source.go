package asm

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// srcLine is a line of source. In text, comments are blanks, so that columns stay.
type srcLine struct {
	file string
	num  int
	text string
	raw  string
}

// context says how the assembler came to a line.
type context struct {
	parent *context
	from   string   // for error messages; empty for the main file and for conditionals
	use    *srcLine // the outermost use of a macro, nil outside macros
	depth  int
}

// nested returns the context of lines that a line leads to.
func (c *context) nested(from string) *context {
	return &context{parent: c, from: from, use: c.use, depth: c.depth + 1}
}

// load reads and splits a file; each is read once.
func (a *assembler) load(file string) ([]srcLine, error) {
	if lines, ok := a.files[file]; ok {
		return lines, nil
	}
	b, err := fs.ReadFile(a.fsys, file)
	if err != nil {
		return nil, err
	}
	lines := split(file, strings.TrimPrefix(string(b), "\ufeff")) // a mark that some editors put first
	a.files[file] = lines
	return lines, nil
}

// Overlay is a file system with one more file, a source that is nowhere else.
type Overlay struct {
	fs.FS
	Name, Text string
}

// ReadFile implements fs.ReadFileFS.
func (o Overlay) ReadFile(name string) ([]byte, error) {
	if name == o.Name {
		return []byte(o.Text), nil
	}
	return fs.ReadFile(o.FS, name)
}

// find looks for an included file: beside the including one, then in Options.Include.
func (a *assembler) find(name, includer string) ([]srcLine, error) {
	for _, dir := range append([]string{path.Dir(includer)}, a.opt.Include...) {
		file := path.Join(dir, name)
		if !fs.ValidPath(file) {
			continue
		}
		lines, err := a.load(file)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return lines, err
		}
	}
	return nil, fmt.Errorf("no file %q beside the source or in the include directories", name)
}

// split cuts a source into lines and blanks its comments.
func split(file, text string) []srcLine {
	text = strings.TrimSuffix(text, "\n")
	lines := make([]srcLine, 0, strings.Count(text, "\n")+1)
	inComment := false
	for num := 1; ; num++ {
		raw, rest, more := strings.Cut(text, "\n")
		raw = strings.TrimSuffix(raw, "\r")
		l := srcLine{file: file, num: num, raw: raw, text: raw}
		if inComment || strings.IndexByte(raw, '/') >= 0 || strings.IndexByte(raw, '#') >= 0 {
			l.text, inComment = blankComments(raw, inComment)
		}
		lines = append(lines, l)
		if !more {
			return lines
		}
		text = rest
	}
}

// blankComments replaces comments by blanks; inComment is whether a /* */ comment is open, before
// and after.
func blankComments(s string, inComment bool) (string, bool) {
	b := []byte(s)
	blank := func(from, to int) {
		for ; from < to; from++ {
			if b[from] != '\t' {
				b[from] = ' '
			}
		}
	}
	for i := 0; i < len(s); {
		switch {
		case inComment:
			n := strings.Index(s[i:], "*/")
			if n < 0 {
				blank(i, len(s))
				return string(b), true
			}
			blank(i, i+n+2)
			i, inComment = i+n+2, false
		case s[i] == '#' || strings.HasPrefix(s[i:], "//"):
			blank(i, len(s))
			return string(b), false
		case strings.HasPrefix(s[i:], "/*"):
			blank(i, i+2)
			i, inComment = i+2, true
		default:
			i += literalLen(s[i:])
		}
	}
	return string(b), inComment
}
