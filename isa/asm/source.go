package asm

import (
	"errors"
	"fmt"
	"io"
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
	f, err := a.fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	limit := int64(maxSourceBytes)
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		limit = maxStreamBytes
	}
	text, err := readAll(file, f, limit)
	if err != nil {
		return nil, err
	}
	lines, open := split(file, strings.TrimPrefix(text, "\ufeff"))
	if open.line != nil {
		a.report(open, "comment without */")
	}
	a.files[file] = lines
	return lines, nil
}

// Read reads a source that is no file, such as standard input; name appears in errors.
func Read(name string, r io.Reader) (string, error) { return readAll(name, r, maxStreamBytes) }

func readAll(name string, r io.Reader, limit int64) (string, error) {
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("%s: got more than %d bytes", name, limit)
	}
	return b.String(), err
}

// Overlay is a file system with one more file, a source that is nowhere else.
type Overlay struct {
	fs.FS
	Name, Text string
}

// Open implements fs.FS.
func (o Overlay) Open(name string) (fs.File, error) {
	if name == o.Name {
		return text{strings.NewReader(o.Text)}, nil
	}
	return o.FS.Open(name)
}

// text is a file that is a text.
type text struct{ *strings.Reader }

func (text) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
func (text) Close() error               { return nil }

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

// split cuts a source into lines and blanks its comments. Open is where a comment begins that does
// not end, if there is one.
func split(file, text string) (lines []srcLine, open pos) {
	text = strings.TrimSuffix(text, "\n")
	lines = make([]srcLine, 0, strings.Count(text, "\n")+1)
	for num := 1; ; num++ {
		raw, rest, more := strings.Cut(text, "\n")
		raw = strings.TrimSuffix(raw, "\r")
		lines = append(lines, srcLine{file: file, num: num, raw: raw, text: raw})
		l := &lines[num-1]
		if open.line != nil || strings.IndexByte(raw, '/') >= 0 || strings.IndexByte(raw, '#') >= 0 {
			l.blankComments(&open)
		}
		if !more {
			return lines, open
		}
		text = rest
	}
}

// blankComments replaces comments by blanks; open is where a /* */ comment has begun, before and
// after.
func (l *srcLine) blankComments(open *pos) {
	s, b := l.raw, []byte(l.raw)
	blank := func(from, to int) {
		for ; from < to; from++ {
			if b[from] != '\t' {
				b[from] = ' '
			}
		}
	}
	for i := 0; i < len(s); {
		from := i
		switch {
		case open.line != nil:
			if n := strings.Index(s[i:], "*/"); n >= 0 {
				i, open.line = i+n+2, nil
			} else {
				i = len(s)
			}
			blank(from, i)
		case s[i] == '#' || strings.HasPrefix(s[i:], "//"):
			i = len(s)
			blank(from, i)
		case strings.HasPrefix(s[i:], "/*"):
			*open = pos{l, i, &context{}}
			i += 2
			blank(from, i)
		default:
			i += literalLen(s[i:])
		}
	}
	l.text = string(b)
}
