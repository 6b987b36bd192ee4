package main

import "bdfasim/isa/machine"

// configCmd prints a machine.
type configCmd struct {
	machineFlags
	Schema bool   `help:"Print the JSON Schema of machine files instead, for editors."`
	Output target `short:"o" placeholder:"FILE" help:"Write to FILE instead of standard output."`
}

// Run is called by kong.
func (c *configCmd) Run(e *env) error {
	if c.Schema {
		text, err := machine.Schema()
		if err != nil {
			return err
		}
		return writeTo(e, c.Output, append(text, '\n'))
	}
	m, err := c.machine(machine.Reference())
	if err != nil {
		return err
	}
	text, err := m.YAML()
	if err != nil {
		return err
	}
	return writeTo(e, c.Output, text)
}
