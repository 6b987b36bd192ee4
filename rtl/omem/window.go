package omem

import "bdfasim/rtl/port"

// walk is the place of a fetcher in a window stream: the next pixel, and the next tap of it. It steps by additions and
// compares; the address of a source pixel takes a multiplication for its row and one for its column.
type walk struct {
	Base uint32 `bits:"32"` // where source pixel 0, 0 of the image is found
	SY   int32  `bits:"22"` // Y*Stride ± ky + YOff of the next tap: its source before the division
	SX   int32  `bits:"22"`
	Y    uint16 `bits:"16"` // the pixel
	X    uint16 `bits:"16"`
	KX   uint8  `bits:"8"`
	Tap  uint8  `bits:"7"`
	Elem uint8  `bits:"6"` // place of the tap's first element: Tap * Chan
}

// start goes to pixel n of the stream.
func (w *walk) start(r *port.StreamReq, n uint8) {
	*w = walk{Base: r.Src, Y: r.Win.Y, X: r.Win.X}
	for range n {
		w.nextPixel(&r.Win)
	}
	w.firstTap(&r.Win)
}

// nextPixel steps along x, at the end of a row along y, and at the end of an image to the next one.
func (w *walk) nextPixel(win *port.Window) {
	if uint32(w.X)+1 < uint32(win.OW) {
		w.X++
		return
	}
	w.X = 0
	if uint32(w.Y)+1 < uint32(win.OH) {
		w.Y++
		return
	}
	w.Y = 0
	w.Base += win.NStep
}

// firstTap goes to the first tap of the pixel.
func (w *walk) firstTap(win *port.Window) {
	w.Tap, w.Elem, w.KX = 0, 0, win.KX
	ky, kx := int32(win.KY), int32(win.KX)
	if win.Flip {
		ky, kx = -ky, -kx
	}
	w.SY = int32(w.Y)*int32(win.Stride) + ky + int32(win.YOff)
	w.SX = int32(w.X)*int32(win.Stride) + kx + int32(win.XOff)
}

// next goes to the next tap, and behind the last one to the first tap of the pixel that lies step pixels on, in which
// case it returns true. Rows of pixels may be shorter than step.
func (w *walk) next(win *port.Window, step uint8) bool {
	if w.Tap++; w.Tap == win.Taps {
		for range step {
			w.nextPixel(win)
		}
		w.firstTap(win)
		return true
	}
	d := int32(1)
	if win.Flip {
		d = -1
	}
	w.Elem += win.Chan
	if uint32(w.KX)+1 < uint32(win.KW) {
		w.KX++
		w.SX += d
		return false
	}
	w.KX = 0
	w.SX = int32(w.X)*int32(win.Stride) + int32(win.XOff)
	w.SY += d
	return false
}

// source finds the block that the next tap meets: its pointer or word. It reports false when there is none: outside the
// image, where a negative number is a large one without its sign, or between source pixels.
func (w *walk) source(r *port.StreamReq) (at uint32, inside bool) {
	win := &r.Win
	y, x := uint32(w.SY), uint32(w.SX)
	if (y|x)&(1<<win.Div-1) != 0 {
		return 0, false
	}
	y >>= win.Div
	x >>= win.Div
	if y >= uint32(win.IH) || x >= uint32(win.IW) {
		return 0, false
	}
	return w.Base + (y*uint32(win.IW)+x)*r.SStep, true
}
