package qmodel

// sparse is a vector without its zeros: ReLU outputs, dark pixels and masked errors are mostly zeros, and a zero factor
// adds nothing to a sum.
type sparse struct {
	at  []int32 // positions
	val []int64 // the values there
}

// newSparse returns a vector with room for n elements.
func newSparse(n int) sparse {
	return sparse{at: make([]int32, 0, n), val: make([]int64, 0, n)}
}

// set makes s the vector v.
func (s *sparse) set(v []int16) {
	s.at, s.val = s.at[:0], s.val[:0]
	for k, x := range v {
		if x != 0 {
			s.at = append(s.at, int32(k))
			s.val = append(s.val, int64(x))
		}
	}
}

// sum returns the sum of the elements.
func (s *sparse) sum() int64 {
	var sum int64
	for _, v := range s.val {
		sum += v
	}
	return sum
}

// dots sets dst[j] to the exact product of s with row j of the matrix rows (len(dst) x n, row-major). All matrix
// products of the step run here, four rows at a time because that makes one load of the vector serve four products.
func (s *sparse) dots(dst []int64, rows []int16, n int) {
	val := s.val[:len(s.at)]
	j := 0
	for ; j+4 <= len(dst); j += 4 {
		r0, r1 := rows[j*n:(j+1)*n], rows[(j+1)*n:(j+2)*n]
		r2, r3 := rows[(j+2)*n:(j+3)*n], rows[(j+3)*n:(j+4)*n]
		var a0, a1, a2, a3 int64
		for p, k := range s.at {
			v := val[p]
			a0 += v * int64(r0[k])
			a1 += v * int64(r1[k])
			a2 += v * int64(r2[k])
			a3 += v * int64(r3[k])
		}
		dst[j], dst[j+1], dst[j+2], dst[j+3] = a0, a1, a2, a3
	}
	for ; j < len(dst); j++ {
		row := rows[j*n : (j+1)*n]
		var a int64
		for p, k := range s.at {
			a += val[p] * int64(row[k])
		}
		dst[j] = a
	}
}

// transpose writes the rows x cols matrix src into dst as cols x rows.
func transpose(dst, src []int16, rows, cols int) {
	for r := range rows {
		for c, v := range src[r*cols : (r+1)*cols] {
			dst[c*rows+r] = v
		}
	}
}
