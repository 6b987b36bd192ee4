package golden

import (
	"bdfasim/firmware/net"
	"bdfasim/golden/gemm"
)

// columns is the matrix whose product with a kernel is the convolution: row
// (channel, kernel row, kernel column), column (sample, output row, output
// column), the element the image's number under that tap, 0 outside. With a
// gap of s the image is taken as if s-1 zeros stood between its rows and its
// columns, which is how the error of a stride s goes back.
type columns struct {
	in, out             net.Shape // of the image and of the places of the window
	kernel, stride, pad int
	gap                 int
	img                 []float64 // channel-major
	batch               int
}

// Pack implements gemm.Packer.
func (c *columns) Pack(dst, row []float64, k0, kn, j0, jn int) {
	for k := range kn {
		c.fill(row[:jn], k0+k, j0)
		gemm.PackRow(dst, row[:jn], k, kn)
	}
}

// columnsT is columns transposed.
type columnsT struct{ *columns }

// Pack implements gemm.Packer.
func (c *columnsT) Pack(dst, row []float64, k0, kn, j0, jn int) {
	for j := range jn {
		c.fill(row[:kn], j0+j, k0)
		gemm.PackColumn(dst, row[:kn], j)
	}
}

// fill writes row k from column j on.
func (c *columns) fill(dst []float64, k, j int) {
	taps, width := c.kernel*c.kernel, c.out.Width
	channel, down, right := k/taps, k%taps/c.kernel-c.pad, k%c.kernel-c.pad
	if c.stride == 1 && c.gap == 1 && c.in.Width == width && c.in.Height == c.out.Height {
		plane := c.batch * c.in.Height * width
		c.shift(dst, c.img[channel*plane:(channel+1)*plane], j, down, right)
		return
	}
	x, row := j%width, j/width
	y, sample := row%c.out.Height, row/c.out.Height
	for len(dst) > 0 {
		n := min(width-x, len(dst))
		if iy := c.onImage(y*c.stride + down); iy < 0 || iy >= c.in.Height {
			clear(dst[:n])
		} else {
			from := ((channel*c.batch+sample)*c.in.Height + iy) * c.in.Width
			c.line(dst[:n], c.img[from:from+c.in.Width], x*c.stride+right)
		}
		dst, x = dst[n:], 0
		if y++; y == c.out.Height {
			y, sample = 0, sample+1
		}
	}
}

// shift is fill where there is a place for each number of the image: the row is
// the channel's plane, moved, but for what the window sees beyond the borders.
func (c *columns) shift(dst, plane []float64, j, down, right int) {
	height, width := c.in.Height, c.in.Width
	from := j + down*width + right
	lo := min(max(-from, 0), len(dst))
	hi := max(min(len(plane)-from, len(dst)), lo)
	clear(dst[:lo])
	if lo < hi {
		copy(dst[lo:hi], plane[from+lo:])
	}
	clear(dst[hi:])
	for side := 0; side < right; side++ { // places whose column lies beyond the right border
		blank(dst, width-1-side-j%width, width, 1)
	}
	for side := 0; side < -right; side++ {
		blank(dst, side-j%width, width, 1)
	}
	size := height * width
	if rows := min(down, height) * width; rows > 0 {
		blank(dst, size-rows-j%size, size, rows)
	}
	if rows := min(-down, height) * width; rows > 0 {
		blank(dst, -(j % size), size, rows)
	}
}

// blank clears n numbers from at on, and again every step; at may lie before
// the beginning, by less than a step.
func blank(dst []float64, at, step, n int) {
	for ; at < len(dst); at += step {
		if n == 1 && at >= 0 {
			dst[at] = 0
		} else if at+n > 0 {
			clear(dst[max(at, 0):min(at+n, len(dst))])
		}
	}
}

// onImage is the image's row or column at a place that counts gaps too, -1
// where there is a gap or the padding before the image.
func (c *columns) onImage(at int) int {
	switch {
	case at < 0:
		return -1
	case c.gap == 1: // a division here would be a tenth of a training step
		return at
	case at%c.gap != 0:
		return -1
	}
	return at / c.gap
}

// line writes what a row of places sees of a row of the image, from ix on.
func (c *columns) line(dst, img []float64, ix int) {
	if c.stride == 1 && c.gap == 1 {
		lo := min(max(-ix, 0), len(dst))
		hi := max(min(len(img)-ix, len(dst)), lo)
		clear(dst[:lo])
		if lo < hi {
			copy(dst[lo:hi], img[ix+lo:])
		}
		clear(dst[hi:])
		return
	}
	for k := range dst {
		dst[k] = 0
		if at := c.onImage(ix + k*c.stride); at >= 0 && at < len(img) {
			dst[k] = img[at]
		}
	}
}
