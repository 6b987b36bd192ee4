// Command gen prints the tables of package isa as its manual, REFERENCE.md. It is run by go
// generate in folder isa.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := os.WriteFile("REFERENCE.md", []byte(reference()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
