package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/sourcegraph/conc/panics"
	"github.com/willabides/kongplete"
)

// Exit codes; exitCodes says what each means.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInternal    = 70 // EX_SOFTWARE of sysexits.h
	exitInterrupted = 130
)

// exitCodes are all codes, for --help and docs/results.md.
var exitCodes = []struct {
	code  int
	means string
}{
	{exitOK, "done"},
	{exitFailure, "failed, or what was compared differs"},
	{exitUsage, "wrong usage"},
	{exitInternal, "internal error"},
	{exitInterrupted, "interrupted"},
}

// exitHelp is the table of exit codes in words.
func exitHelp() string {
	var parts []string
	for _, c := range exitCodes {
		parts = append(parts, fmt.Sprintf("%d %s", c.code, c.means))
	}
	return "Exit codes: " + strings.Join(parts, "; ") + "."
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second interrupt ends the process at once
	os.Exit(execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// cli is the command line.
type cli struct {
	Train   trainCmd   `cmd:"" help:"Train a network on the chip, and beside it the fixed-point and the float model."`
	Compile compileCmd `cmd:"" help:"Compile a network into a program that trains it; show memories, tiles and passes."`
	Demo    demoCmd    `cmd:"" help:"Show on one screen how BP and BDFA learn, and what their errors cost the chip."`
	Golden  goldenCmd  `cmd:"" help:"Run an experiment with the float models: rules, seeds, learning rates, sample counts."`
	Run     runCmd     `cmd:"" help:"Run an image; report cycles, stalls, traffic and energy."`
	Verify  verifyCmd  `cmd:"" help:"Run a training on the chip and on the fixed-point model and compare every tensor."`
	Track   trackCmd   `cmd:"" help:"Follow an object through pictures by online learning; precision and success of rules."`
	Config  configCmd  `cmd:"" help:"Print a machine, or the schema of machine files."`
	Order   orderCmd   `cmd:"" help:"Check that an image waits for whatever its commands read and overwrite of other units."`
	Asm     asmCmd     `cmd:"" help:"Assemble a source file into an image."`
	Disasm  disasmCmd  `cmd:"" help:"Print an image as assembly text that assembles to the same file."`
	Power   powerCmd   `cmd:"" help:"Energy of an image, power over time; prices, area, the power study."`
	Info    infoCmd    `cmd:"" help:"Show what is in an image."`
	Version versionCmd `cmd:"" help:"Print versions (also --version)."`

	Help       helpCmd          `cmd:"" help:"Show the help of a command."`
	Man        manCmd           `cmd:"" help:"Print a man page."`
	Completion completionCmd    `cmd:"" help:"Print what makes a shell complete command lines."`
	Versions   kong.VersionFlag `name:"version" hidden:""`
}

// env is what commands may use of the outside.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	about  *about // what results are of
}

// usageError is a mistake in the command line that kong cannot see.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exited stops kong after --help.
type exited int

// execute runs one command line and returns the exit code. Results go to stdout and are deterministic; errors, progress
// and times go to stderr.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	out := &sink{write: stdout.Write}
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(exited); ok {
				code = int(e)
			} else {
				code = internal(stderr, panics.NewRecovered(1, r))
			}
		}
		if out.err != nil {
			fmt.Fprintf(stderr, "bdfasim: %v\n", out.err)
			code = exitFailure
		}
	}()
	var c cli
	parser, err := kong.New(&c, kong.Name("bdfasim"), helpTexts(), kong.Writers(out, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true}))
	if err != nil {
		panic(err) // the declarations above
	}
	kongplete.Complete(parser)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(joined(args))
	switch {
	case out.err != nil: // --help
		return exitFailure
	case err != nil:
		fmt.Fprintf(stderr, "bdfasim: %v; try %s --help\n", err, command(err))
		return exitUsage
	}
	if err = checked(parsed); err == nil {
		err = parsed.Run(&env{ctx, stdin, stdout, stderr, newAbout(parsed, args)})
	}
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "bdfasim: %v; try %s --help\n", err, parsed.Selected().FullPath())
		return exitUsage
	}
	if p, ok := errors.AsType[*panics.ErrRecovered](err); ok {
		return internal(stderr, p.Recovered)
	}
	code = exitFailure
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		code = exitInterrupted
		if err == ctx.Err() || !strings.Contains(err.Error(), "interrupted") {
			err = errors.New("interrupted")
		}
	}
	fmt.Fprintf(stderr, "bdfasim: %v\n", err)
	return code
}

// internal is the last resort: a mistake of this program.
func internal(stderr io.Writer, p panics.Recovered) int {
	fmt.Fprintf(stderr, "bdfasim: internal error: %v\nPlease report it, with the command line and these lines:\n%s\n%s",
		p.Value, versions(), p.Stack)
	return exitInternal
}

// command is the command that the parser had recognised, by its full name.
func command(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			return node.FullPath()
		}
	}
	return "bdfasim"
}
