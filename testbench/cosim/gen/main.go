// Command gen writes what the RTL is built on, for the reference machine: rtl/chip_pkg.sv and
// rtl/limits.sv. Benches of other machines make their own.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bdfasim/isa/machine"
	"bdfasim/testbench/cosim/sv"
)

func main() {
	c := sv.New(machine.Reference())
	for name, write := range map[string]func(io.Writer){"chip_pkg.sv": c.Package, "limits.sv": c.Limits} {
		var text bytes.Buffer
		write(&text)
		if err := os.WriteFile(filepath.Join(os.Args[1], name), text.Bytes(), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
