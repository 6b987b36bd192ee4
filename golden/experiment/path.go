package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// path leads to a value of an experiment: keys (string) and places in lists
// (int), as rules[2].rates[0].
type path []any

func (p path) String() string {
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// of returns p lengthened by steps; p stays as it is.
func (p path) of(steps ...any) path { return slices.Concat(p, path(steps)) }

// pairs returns the entries of a mapping, nothing for any other node.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case *ast.AnchorNode:
		return pairs(n.Value)
	}
	return nil
}

func items(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.SequenceNode:
		return n.Values
	case *ast.AnchorNode:
		return items(n.Value)
	}
	return nil
}

// lookup returns the node at p, and nil if the file does not say it.
func (f *file) lookup(p path) ast.Node {
	n := f.root
	for _, step := range p {
		if n = child(n, step); n == nil {
			return nil
		}
	}
	return n
}

func child(n ast.Node, step any) ast.Node {
	if i, ok := step.(int); ok {
		if list := items(n); i < len(list) {
			return list[i]
		}
		return nil
	}
	for _, pair := range pairs(n) {
		if pair.Key.GetToken().Value == step {
			return pair.Value
		}
	}
	return nil
}

// at returns the place of p or of the nearest thing around it.
func (f *file) at(p path) *token.Token {
	for ; len(p) > 0; p = p[:len(p)-1] {
		if n := f.lookup(p); n != nil {
			return first(n)
		}
	}
	return nil
}

// first is the token where a node begins; a mapping's own token is its colon.
func first(n ast.Node) *token.Token {
	if p := pairs(n); len(p) > 0 {
		return p[0].Key.GetToken()
	}
	return n.GetToken()
}

// find returns the path to a token, and false if the tree does not have it.
func find(n ast.Node, at *token.Token) (path, bool) {
	if n == nil || at == nil {
		return nil, false
	}
	for _, pair := range pairs(n) {
		key := pair.Key.GetToken()
		if key == at || pair.GetToken() == at {
			return path{key.Value}, true
		}
		if p, ok := find(pair.Value, at); ok {
			return slices.Concat(path{key.Value}, p), true
		}
	}
	for i, item := range items(n) {
		if p, ok := find(item, at); ok {
			return slices.Concat(path{i}, p), true
		}
	}
	return nil, n.GetToken() == at
}

// inline cuts the mapping at p out of the source, without its indentation.
func (f *file) inline(p path) Inline {
	n := f.lookup(p)
	if n == nil {
		return Inline{}
	}
	start := first(n).Position
	out := Inline{File: f.name, Line: start.Line}
	if m, ok := n.(*ast.MappingNode); ok && m.IsFlowStyle {
		out.Text = n.String() + "\n"
		return out
	}
	indent := start.Column - 1
	var text []string
	for _, line := range strings.Split(string(f.src), "\n")[start.Line-1:] {
		body := strings.TrimLeft(line, " ")
		inside := len(line)-len(body) >= indent
		if !inside && body != "" && !strings.HasPrefix(body, "#") {
			break
		}
		text = append(text, line[min(indent, len(line)-len(body)):])
	}
	out.Text = strings.TrimRight(strings.Join(text, "\n"), "\n ") + "\n"
	return out
}
