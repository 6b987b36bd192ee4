package machine

import (
	"errors"
	"fmt"
	"math/bits"
	"reflect"
	"strconv"
	"strings"
)

// Validate reports everything that cannot be built, each with the field's path: "dnnc.lanes: got
// 77, want 64, 128, 256, 512 or 1024".
func (c *Config) Validate() error {
	errs := ranges(nil, reflect.ValueOf(c).Elem(), "")
	pow2 := func(field string, v int) {
		if v < 1 || bits.OnesCount(uint(v)) != 1 {
			errs = append(errs, fmt.Errorf("%s: got %d, want a power of two", field, v))
		}
	}
	x := &c.XMem
	pow2("xmem.bytes", x.Bytes)
	pow2("xmem.page_bytes", x.PageBytes)
	if x.Bytes < x.PageBytes*x.Banks {
		errs = append(errs, fmt.Errorf("xmem.bytes: got %d, want a page in each bank, %d, or more", x.Bytes, x.PageBytes*x.Banks))
	}
	if x.WriteHigh >= x.WriteDepth {
		errs = append(errs, fmt.Errorf("xmem.write_high: got %d, want less than write_depth, %d", x.WriteHigh, x.WriteDepth))
	}
	return errors.Join(append(errs, c.slowUnits()...)...)
}

// ranges checks the fields of a struct against their tags.
func ranges(errs []error, v reflect.Value, path string) []error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := path + f.Tag.Get("yaml")
		switch field := v.Field(i); field.Kind() {
		case reflect.Struct:
			errs = ranges(errs, field, name+".")
		case reflect.Int, reflect.Float64:
			if want := allowed(f.Tag, field.Convert(reflect.TypeFor[float64]()).Float()); want != "" {
				errs = append(errs, fmt.Errorf("%s: got %v, want %s", name, field, want))
			}
		case reflect.Uint8: // words
			if words := field.Interface().(interface{ Words() []string }).Words(); field.Uint() >= uint64(len(words)) {
				errs = append(errs, fmt.Errorf("%s: got %d, want one of %s", name, field.Uint(), strings.Join(words, ", ")))
			}
		}
	}
	return errs
}

// allowed says what a field may be if v is not that.
func allowed(tag reflect.StructTag, v float64) string {
	if one := tag.Get("one"); one != "" {
		for word := range strings.SplitSeq(one, ",") {
			if n, _ := strconv.ParseFloat(word, 64); n == v {
				return ""
			}
		}
		return "one of " + strings.ReplaceAll(one, ",", ", ")
	}
	want := tag.Get("want")
	low, high, _ := strings.Cut(want[1:len(want)-1], ",")
	lo, _ := strconv.ParseFloat(low, 64)
	hi, _ := strconv.ParseFloat(high, 64)
	step, _ := strconv.ParseFloat(tag.Get("step"), 64)
	good := v >= lo && v <= hi && (want[0] == '[' || v != lo)
	switch {
	case step != 0 && !(good && v/step == float64(int(v/step))):
		return fmt.Sprintf("a multiple of %v in %s", step, want)
	case !good:
		return want
	}
	return ""
}
