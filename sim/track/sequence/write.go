package sequence

import (
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"bdfasim/sim/output"
)

// Write writes a sequence into a folder of its name, in the layout that Open reads; pictures as
// PNG, so that what is read has the same pixels.
func (s *Sequence) Write(dir string) error {
	dir = filepath.Join(dir, s.Name)
	if err := os.MkdirAll(filepath.Join(dir, "img"), 0o777); err != nil {
		return err
	}
	var lines strings.Builder
	for i, b := range s.Truth {
		img, err := s.Picture(i)
		if err != nil {
			return err
		}
		name := filepath.Join(dir, "img", fmt.Sprintf("%04d.png", s.First+i))
		if err := output.Write(name, func(w io.Writer) error { return png.Encode(w, img) }); err != nil {
			return err
		}
		if !b.Known() {
			lines.WriteString("NaN,NaN,NaN,NaN\n")
			continue
		}
		fmt.Fprintln(&lines, b.Line())
	}
	return output.Bytes(filepath.Join(dir, "groundtruth_rect.txt"), []byte(lines.String()))
}
