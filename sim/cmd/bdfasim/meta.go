package main

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"
	mangokong "github.com/alecthomas/mango-kong"
	"github.com/muesli/roff"

	"bdfasim/isa"
)

// helpCmd is --help of a command.
type helpCmd struct {
	Command []string `arg:"" optional:"" help:"The command (default: an overview)."`
}

// Run is called by kong.
func (c *helpCmd) Run(k *kong.Context) error {
	_, err := k.Parse(append(c.Command, "--help"))
	return usageError{err}
}

// versionCmd prints versions.
type versionCmd struct{}

// Run is called by kong.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, versions())
	return err
}

// versions are those of the program, of the instruction set and of Go.
func versions() string {
	version, built := "(devel)", ""
	if b, ok := debug.ReadBuildInfo(); ok {
		built = b.GoVersion
		if b.Main.Version != "" {
			version = b.Main.Version
		}
	}
	return fmt.Sprintf("bdfasim %s, ISA version %d, %s", version, isa.Version, built)
}

// manCmd prints a man page.
type manCmd struct{}

// undated is a man page that is the same tomorrow.
type undated struct{ *roff.Document }

// Heading leaves the date out.
func (d undated) Heading(section uint, title, description string, _ time.Time) {
	d.Document.Heading(section, title, description, time.Time{})
}

// Run is called by kong.
func (manCmd) Run(e *env, k *kong.Context) error {
	_, err := fmt.Fprint(e.stdout, mangokong.NewManPage(1, k.Model).Build(undated{roff.NewDocument()}))
	return err
}

// completionCmd prints what makes a shell complete command lines. The shell asks the program,
// through COMP_LINE, so that no list of flags has to be kept (execute).
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// shells hold that code; where the program knows nothing, bash and zsh offer files.
var shells = map[string]string{
	"bash": "complete -o default -C bdfasim bdfasim\n",
	"zsh": "autoload -U +X bashcompinit && bashcompinit\n" +
		"complete -o default -C bdfasim bdfasim\n",
	"fish": "complete -c bdfasim -a '(env COMP_LINE=(commandline -cp) bdfasim)'\n",
}

// Run is called by kong.
func (c *completionCmd) Run(e *env) error {
	_, err := fmt.Fprint(e.stdout, shells[c.Shell])
	return err
}
