package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var writeNotice = flag.Bool("notice", false, "write NOTICE: the licences of all that is linked")

// NOTICE names every module that go.mod has and the binary links, with its version.
func TestNotice(t *testing.T) {
	if *writeNotice {
		text, err := notice("bdfasim/sim/cmd/bdfasim")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("../../../NOTICE", text, 0o644))
	}
	text, err := os.ReadFile("../../../NOTICE")
	require.NoError(t, err)
	list, err := linked("bdfasim/sim/cmd/bdfasim")
	require.NoError(t, err)
	require.Greater(t, len(list), 20)
	for _, m := range list {
		require.Contains(t, string(text), m.name+": ", "run make gen")
	}
	mod, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "all").Output()
	require.NoError(t, err)
	for _, m := range list[1:] {
		require.Contains(t, strings.Split(string(mod), "\n"), m.name)
	}
}

// A module without a licence is refused.
func TestNoLicence(t *testing.T) {
	_, err := licences(t.TempDir())
	require.ErrorContains(t, err, "no licence")
}

// systems are those that a binary is built for: modules differ.
var systems = []string{"linux", "darwin", "windows"}

// module is a linked module and where its files are.
type module struct{ name, dir string }

// notice collects the licences of a command's modules and of Go's own library.
func notice(command string) ([]byte, error) {
	list, err := linked(command)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "bdfasim is under the licence in LICENSE. Its binary links the following, each under its own\n"+
		"licence. This file is generated: make gen.\n\n")
	for _, m := range list {
		fmt.Fprintf(&b, "  %s\n", m.name)
	}
	for _, m := range list {
		files, err := licences(m.dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(m.dir, file))
			if err != nil {
				return nil, err
			}
			line := strings.Repeat("-", 80)
			fmt.Fprintf(&b, "\n%s\n%s: %s\n%s\n\n%s\n", line, m.name, filepath.ToSlash(file), line, plain(text))
		}
	}
	return b.Bytes(), nil
}

// plain is a text without carriage returns, spaces at the ends of lines and lines at its ends.
func plain(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimRight(lines[i], " \t\r\f")
	}
	return bytes.Trim(bytes.Join(lines, []byte("\n")), "\n")
}

// linked lists the modules of a command on all systems, by name, and Go's library first.
func linked(command string) ([]module, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	list := []module{{"Go's standard library", strings.TrimSpace(string(root))}}
	const format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}"
	var lines []string
	for _, system := range systems {
		cmd := exec.Command("go", "list", "-deps", "-f", format, command)
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		if name, dir, ok := strings.Cut(line, "\t"); ok {
			list = append(list, module{name, dir})
		}
	}
	return list, nil
}

// isLicence tells by its name whether a file or a folder holds licences.
var isLicence = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|third_party_licenses)([.-].*)?$`)

// licences lists the files at the top of a module, and in folders for them; there is one at least.
func licences(dir string) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !isLicence.MatchString(e.Name()) {
			continue
		}
		err := fs.WalkDir(os.DirFS(dir), e.Name(), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, filepath.FromSlash(path))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no licence", dir)
	}
	return files, nil
}
