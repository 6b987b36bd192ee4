package main

import "bdfasim/isa/machine"

// configCmd prints a machine.
type configCmd struct {
	machineFlags
	Schema bool   `help:"Print the JSON Schema of machine files instead, for editors."`
	Output string `short:"o" placeholder:"FILE" help:"Write to FILE instead of standard output."`
}

// Help is shown by kong.
func (c *configCmd) Help() string {
	return "A machine is every number of the chip that is a choice, in YAML. Change one with --set, or " +
		"write a file that extends a built-in machine and says what differs:\n\n" +
		"  extends: reference\n  name: mine\n  dnnc: {lanes: 512}\n\n" +
		"and give it to any command that simulates: --machine mine.yaml."
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
