package onnx

import "slices"

// args reads the attributes of a node; err is the first error, after which
// the values mean nothing.
type args struct {
	n   *node
	err error
}

// get returns the attribute called name, nil if the node does not have it.
func (a *args) get(name string, kind int64) *attribute {
	i := slices.IndexFunc(a.n.Attrs, func(x attribute) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	if got := a.n.Attrs[i].Kind; got != kind && got != 0 {
		a.fail("attribute %s: got %s, want %s", name, attrName(got), attrName(kind))
		return nil
	}
	return &a.n.Attrs[i]
}

func (a *args) fail(format string, values ...any) {
	if a.err == nil {
		a.err = a.n.errorf(format, values...)
	}
}

func (a *args) int(name string, otherwise int64) int64 {
	if x := a.get(name, attrInt); x != nil {
		return x.I
	}
	return otherwise
}

func (a *args) float(name string, otherwise float32) float32 {
	if x := a.get(name, attrFloat); x != nil {
		return x.F
	}
	return otherwise
}

func (a *args) text(name, otherwise string) string {
	if x := a.get(name, attrString); x != nil {
		return x.S
	}
	return otherwise
}

func (a *args) ints(name string, otherwise []int64) []int64 {
	if x := a.get(name, attrInts); x != nil {
		return x.Ints
	}
	return otherwise
}

// want demands that an integer attribute has its only supported value, which
// is its default too.
func (a *args) want(name string, only int64) {
	if got := a.int(name, only); got != only {
		a.fail("attribute %s: got %d, want %d", name, got, only)
	}
}

// equal reads an attribute of n equal numbers and returns the one, from low to
// the largest size of a tensor.
func (a *args) equal(name string, n int, low, otherwise int64) int {
	list := a.ints(name, slices.Repeat([]int64{otherwise}, n))
	if len(list) != n || slices.Min(list) != slices.Max(list) || list[0] < low || list[0] > maxElements {
		a.fail("attribute %s: got %v, want %d equal numbers from %d to %d", name, list, n, low, maxElements)
		return int(low)
	}
	return int(list[0])
}

// wantAll demands n numbers that all are the only supported value, which is
// their default too.
func (a *args) wantAll(name string, n int, only int64) {
	want := slices.Repeat([]int64{only}, n)
	if got := a.ints(name, want); !slices.Equal(got, want) {
		a.fail("attribute %s: got %v, want %v", name, got, want)
	}
}
