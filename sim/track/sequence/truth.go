package sequence

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxCoordinate bounds what a box may say; pictures have at most maxPixels.
const maxCoordinate = 1 << 20

// parseTruth reads boxes, one a line. name appears in errors.
func parseTruth(text, name string) (boxes []Box, err error) {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\r\n \t")
	if text == "" {
		return nil, fmt.Errorf("%s: got no boxes, want a line a picture: x,y,w,h", name)
	}
	for i, line := range strings.Split(text, "\n") {
		b, err := parseBox(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		boxes = append(boxes, b)
	}
	return boxes, nil
}

// parseBox reads four numbers with commas, tabs or blanks between them.
func parseBox(line string) (b Box, err error) {
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == '\t' || r == ' ' })
	if len(fields) != 4 {
		return b, fmt.Errorf("box: got %.60q with %d numbers, want 4, x,y,w,h, with commas, tabs or "+
			"blanks between them", line, len(fields))
	}
	var v [4]float64
	absent := false
	for i, f := range fields {
		if v[i], err = strconv.ParseFloat(f, 64); err != nil {
			return b, fmt.Errorf("%s: got %.30q, want a number", [4]string{"x", "y", "w", "h"}[i], f)
		}
		absent = absent || math.IsNaN(v[i])
		if math.Abs(v[i]) > maxCoordinate {
			return b, fmt.Errorf("%s: got %.30s, want -%d..%d", [4]string{"x", "y", "w", "h"}[i], f,
				maxCoordinate, maxCoordinate)
		}
	}
	b = Box{X: v[0] - 1, Y: v[1] - 1, W: v[2], H: v[3]}
	switch {
	case absent:
		return Box{}, nil
	case b.W < 0 || b.H < 0:
		return b, fmt.Errorf("w and h: got %g and %g, want 0 or more", b.W, b.H)
	case !b.Known():
		return Box{}, nil
	}
	return b, nil
}

// Line is the box as files of the benchmark have it: x,y,w,h, counted from 1, with two digits
// after the point where there are any.
func (b Box) Line() string {
	var parts []string
	for _, v := range []float64{b.X + 1, b.Y + 1, b.W, b.H} {
		v = math.Round(v*100)/100 + 0 // no -0
		parts = append(parts, strconv.FormatFloat(v, 'f', -1, 64))
	}
	return strings.Join(parts, ",")
}
