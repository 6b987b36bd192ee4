package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"bdfasim/power/table"
)

// number is a cell with a text of its own; CSV and JSON hold the value in full.
type number struct {
	value float64
	text  string
}

// fixed is a number with so many digits after the point.
func fixed(x float64, digits int) number {
	text := fmt.Sprintf("%.*f", digits, x)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-") // no -0.0
	}
	return number{x, text}
}

// rate is a learning rate, a power of two as 2^-6.
func rate(x float64) number { return number{x, rateText(x)} }

// rateText writes a learning rate, as --lr reads it.
func rateText(x float64) string {
	if fraction, exp := math.Frexp(x); fraction == 0.5 {
		return fmt.Sprintf("2^%d", exp-1)
	}
	return table.Digits(x)
}

// accuracy is 100 x of a number 0..1 with the digits that thousands of images give, or a dash for what was not tested.
func accuracy(x float64) any {
	if x < 0 {
		return "-"
	}
	return fixed(100*x, 2)
}

// render returns t with plain cells, as package table wants them: in texts, numbers are written their own way, and
// other packages' percentages with fixed digits.
func render(t *table.Table, format string) *table.Table {
	out := *t
	out.Rows = make([][]any, len(t.Rows))
	for i, row := range t.Rows {
		out.Rows[i] = make([]any, len(row))
		for j, cell := range row {
			out.Rows[i][j] = plain(cell, t, j, format)
		}
	}
	if format == "text" {
		alignRight(t, &out)
	}
	return &out
}

// plain is one cell of column j.
func plain(cell any, t *table.Table, j int, format string) any {
	if n, ok := cell.(number); ok {
		if format == "text" {
			return n.text
		}
		return n.value
	}
	x, ok := cell.(float64)
	if !ok || format != "text" || j >= len(t.Header) {
		return cell
	}
	switch header := t.Header[j]; {
	case header == "%" || strings.Contains(t.Title, "(% of cycles)"):
		return fixed(x, 1).text // shares are rounded to tenths
	case strings.HasPrefix(header, "% of"):
		return fixed(x, 2).text
	}
	return cell
}

// alignRight pads the texts in columns of numbers of out, so that they end right: table aligns by type. t says what is a
// number.
func alignRight(t, out *table.Table) {
	out.Header = slices.Clone(t.Header)
	for j := range t.Header {
		if !numeric(t, j) {
			continue
		}
		width := len(t.Header[j])
		for _, row := range out.Rows {
			if s, ok := row[j].(string); ok {
				width = max(width, len(s))
			}
		}
		out.Header[j] = fmt.Sprintf("%*s", width, t.Header[j])
		for _, row := range out.Rows {
			if s, ok := row[j].(string); ok {
				row[j] = fmt.Sprintf("%*s", width, s)
			}
		}
	}
}

// numeric tells whether all rows have a column j and any a number in it.
func numeric(t *table.Table, j int) bool {
	found := false
	for _, row := range t.Rows {
		if j >= len(row) {
			return false // table refuses such rows
		}
		switch row[j].(type) {
		case number, float64:
			found = true
		}
	}
	return found
}
