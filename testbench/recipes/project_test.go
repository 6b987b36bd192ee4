package recipes

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the project, seen from this folder.
const root = "../.."

// project is a copy of the project.
type project struct {
	dir     string
	touched map[string][]byte // what the files that were changed held before; nil: nothing
}

// copyProject copies what git knows of, and what it has not been told of yet.
func copyProject(t *testing.T) *project {
	p := &project{dir: t.TempDir(), touched: map[string][]byte{}}
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	require.NoError(t, err)
	for file := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // deleted, and git has not been told yet
		}
		require.NoError(t, err)
		p.write(t, file, data)
	}
	return p
}

func (p *project) path(file string) string { return filepath.Join(p.dir, file) }

func (p *project) write(t *testing.T, file string, data []byte) {
	require.NoError(t, os.MkdirAll(filepath.Dir(p.path(file)), 0o755))
	require.NoError(t, os.WriteFile(p.path(file), data, 0o644))
}

// apply makes the changes of a step.
func (p *project) apply(t *testing.T, s *step) {
	for _, e := range s.edits {
		old, err := os.ReadFile(p.path(e.file))
		p.remember(e.file, old)
		text := e.whole
		if e.hunks == nil {
			require.True(t, os.IsNotExist(err), "%s: %s is there already", s.name, e.file)
		} else {
			require.NoError(t, err, s.name)
			text = "\n" + string(old)
		}
		for _, h := range e.hunks {
			require.Equal(t, 1, strings.Count(text, "\n"+h.old),
				"%s: %s: want exactly once:\n%s", s.name, e.file, h.old)
			text = strings.Replace(text, "\n"+h.old, "\n"+h.new, 1)
		}
		p.write(t, e.file, []byte(strings.TrimPrefix(text, "\n")))
	}
}

// remember keeps what a file held, before it is changed for the first time.
func (p *project) remember(file string, data []byte) {
	if _, known := p.touched[file]; !known {
		p.touched[file] = data
	}
}

// command runs a command of a step and remembers the files that it changes.
func (p *project) command(t *testing.T, args []string) (string, error) {
	before := p.files(t)
	out, err := p.run(args...)
	for file, data := range p.files(t) {
		if old, known := before[file]; !known || !bytes.Equal(old, data) {
			p.remember(file, old)
		}
	}
	return out, err
}

// files are all files, with what they hold.
func (p *project) files(t *testing.T) map[string][]byte {
	all := map[string][]byte{}
	require.NoError(t, fs.WalkDir(os.DirFS(p.dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all[name], err = os.ReadFile(p.path(name))
		}
		return err
	}))
	return all
}

// restore undoes all changes.
func (p *project) restore(t *testing.T) {
	for file, data := range p.touched {
		if data == nil {
			require.NoError(t, os.Remove(p.path(file)))
		} else {
			p.write(t, file, data)
		}
	}
	clear(p.touched)
}

// run calls go in the copy and returns what it prints. Without paths in them, packages that are
// equal in all copies are compiled once.
func (p *project) run(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// hasTest tells whether a package has a test function of this name.
func (p *project) hasTest(t *testing.T, pkg, name string) bool {
	files, err := filepath.Glob(p.path(filepath.Join(pkg, "*_test.go")))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if bytes.Contains(text, []byte("\nfunc "+name+"(")) {
			return true
		}
	}
	return false
}
