package main

import (
	_ "embed"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"bdfasim/firmware/net"
	"bdfasim/firmware/yamlfile"
	"bdfasim/sim/track"
)

//go:embed help.yaml
var helpFile []byte

// helpTexts gives kong the texts of help.yaml: what stands below the usage of commands, and the
// variables in the help of flags.
func helpTexts() kong.Option {
	var texts map[string]map[string]string
	if _, err := yamlfile.Parse(helpFile, "help.yaml", &texts); err != nil {
		panic(err) // the file is embedded
	}
	known := map[string]string{
		"presets": strings.Join(net.Presets(), ", "), "rates": ratesHelp(), "sizes": defaultLayers,
	}
	vars := kong.Vars{"version": versions(), "track_rules": strings.Join(track.RuleNames(), ",")}
	for name, text := range texts["flags"] {
		vars[name] = os.Expand(text, func(name string) string { return known[name] })
	}
	return kong.PostBuild(func(k *kong.Kong) error {
		vars.Apply(k)
		k.Model.Help = texts["commands"]["bdfasim"] + "\n\n" + exitHelp()
		return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
			if command, ok := node.(*kong.Command); ok {
				command.Detail = texts["commands"][command.FullPath()]
			}
			return next(nil)
		})
	})
}
