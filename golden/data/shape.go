package data

import "fmt"

// Shape is the shape of an image: planes of rows of pixels.
type Shape struct {
	Channels int // 1 (grey) or 3 (red, green and blue planes)
	Rows     int
	Cols     int
}

// Size returns the number of values of an image: Channels x Rows x Cols.
func (s Shape) Size() int { return s.Channels * s.Rows * s.Cols }

// String is 3 x 32 x 32.
func (s Shape) String() string { return fmt.Sprintf("%d x %d x %d", s.Channels, s.Rows, s.Cols) }

// fit brings an image to another shape: colours become grey or grey three equal planes, and each
// pixel becomes the mean of the area that it covers, in integers, so that every machine makes the
// same ones.
func (s Shape) fit(image []byte, to Shape) []byte {
	if s == to {
		return image
	}
	if s.Channels == 3 && to.Channels == 1 {
		image, s.Channels = grey(image), 1
	}
	var out []byte
	plane := s.Rows * s.Cols
	for c := range to.Channels {
		from := min(c, s.Channels-1) * plane
		out = append(out, s.scale(image[from:from+plane], to)...)
	}
	return out
}

// grey makes luma (ITU-R BT.601) of three planes.
func grey(image []byte) []byte {
	out := make([]byte, len(image)/3)
	for k := range out {
		r, g, b := int(image[k]), int(image[len(out)+k]), int(image[2*len(out)+k])
		out[k] = byte((299*r + 587*g + 114*b + 500) / 1000)
	}
	return out
}

// scale brings one plane to the rows and columns of another shape.
func (s Shape) scale(plane []byte, to Shape) []byte {
	out := make([]byte, 0, to.Rows*to.Cols)
	area := s.Rows * s.Cols // of a new pixel, if an old one has to.Rows x to.Cols
	for r := range to.Rows {
		for q := range to.Cols {
			sum := area / 2
			covered(r, to.Rows, s.Rows, func(y, height int) {
				row := plane[y*s.Cols : (y+1)*s.Cols]
				covered(q, to.Cols, s.Cols, func(x, width int) { sum += int(row[x]) * height * width })
			})
			out = append(out, byte(sum/area))
		}
	}
	return out
}

// covered calls f for each of n old pixels that new pixel k of m covers, with the length of the
// part, of which an old pixel has m and a new one n.
func covered(k, m, n int, f func(i, length int)) {
	for i := k * n / m; i*m < (k+1)*n; i++ {
		f(i, min((i+1)*m, (k+1)*n)-max(i*m, k*n))
	}
}
