package gemm

// packRows writes rows i0..i0+in-1, columns k0..k0+kn-1 in panels of tileRows:
// dst[(i/8)*kn*8 + k*8 + i%8]. What stands beyond row in-1 reaches no result.
func (v View) packRows(dst []float64, i0, in, k0, kn int) {
	for i := 0; i < in; i += tileRows {
		panel := dst[i*kn : (i+tileRows)*kn]
		rows := min(tileRows, in-i)
		if v.Row == 1 && rows == tileRows { // transposed in memory: the panel's rows are neighbours
			for k := range kn {
				copy(panel[k*tileRows:(k+1)*tileRows], v.Data[i0+i+(k0+k)*v.Col:])
			}
			continue
		}
		if v.Col == 1 && rows == tileRows {
			v.interleave(panel, (i0+i)*v.Row+k0, kn)
			continue
		}
		for r := range rows {
			v.spread(panel[r:], tileRows, (i0+i+r)*v.Row+k0*v.Col, v.Col, kn)
		}
	}
}

// interleave is packRows for eight whole rows that lie in order: writing the
// panel front to back takes half the time of a row at a time.
func (v View) interleave(panel []float64, at, kn int) {
	var r [tileRows][]float64
	for i := range r {
		r[i] = v.Data[at+i*v.Row:][:kn]
	}
	for k := range kn {
		p := panel[k*tileRows:][:tileRows]
		p[0], p[1], p[2], p[3] = r[0][k], r[1][k], r[2][k], r[3][k]
		p[4], p[5], p[6], p[7] = r[4][k], r[5][k], r[6][k], r[7][k]
	}
}

// spread copies n elements, step apart from Data[at], to every stride-th of dst.
func (v View) spread(dst []float64, stride, at, step, n int) {
	if step == 1 {
		for k, x := range v.Data[at : at+n] {
			dst[k*stride] = x
		}
		return
	}
	for k := range n {
		dst[k*stride] = v.Data[at+k*step]
	}
}

// Pack makes a View a Packer.
func (v *View) Pack(dst, _ []float64, k0, kn, j0, jn int) {
	if v.Col == 1 {
		for k := range kn {
			at := (k0+k)*v.Row + j0
			PackRow(dst, v.Data[at:at+jn], k, kn)
		}
		return
	}
	for j := range jn {
		v.spread(column(dst, kn, j), tileCols, k0*v.Row+(j0+j)*v.Col, v.Row, kn)
	}
}

// PackRow writes one row k (from 0) of a block of kn rows and len(row) columns
// in the layout of Packer.
func PackRow(dst, row []float64, k, kn int) {
	j := 0
	for ; j+tileCols <= len(row); j += tileCols {
		*(*[tileCols]float64)(dst[j*kn+k*tileCols:]) = *(*[tileCols]float64)(row[j:])
	}
	if j < len(row) {
		copy(dst[j*kn+k*tileCols:], row[j:])
	}
}

// PackColumn writes one column j (from 0) of len(col) rows in the layout of
// Packer.
func PackColumn(dst, col []float64, j int) {
	to := column(dst, len(col), j)
	for k, x := range col {
		to[k*tileCols] = x
	}
}

// column is where column j of a packed block of kn rows begins.
func column(dst []float64, kn, j int) []float64 { return dst[j/tileCols*tileCols*kn+j%tileCols:] }
