package rtl_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
	"bdfasim/rtl"
)

// unitSource is what the files of a unit's folder say.
type unitSource struct {
	name  string
	page  string                     // the comment of the package
	types map[string]*ast.StructType // of the package itself
	uses  map[string]map[string]bool // names of other packages that the package uses, by package
	tests map[string]bool            // functions of its tests
}

// unitSources reads the folders of all units that have wires.
func unitSources(t *testing.T) (all []unitSource) {
	wires := reflect.TypeFor[rtl.Wires]()
	for i := range wires.NumField() {
		all = append(all, readUnit(t, path.Base(wires.Field(i).Type.PkgPath())))
	}
	return all
}

func readUnit(t *testing.T, name string) unitSource {
	u := unitSource{name: name, types: map[string]*ast.StructType{}, uses: map[string]map[string]bool{}, tests: map[string]bool{}}
	files, err := filepath.Glob(filepath.Join(name, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		test := strings.HasSuffix(file, "_test.go")
		if !test {
			u.page += f.Doc.Text()
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				u.tests[n.Name.Name] = u.tests[n.Name.Name] || test && n.Recv == nil
			case *ast.TypeSpec:
				if s, ok := n.Type.(*ast.StructType); ok && !test {
					u.types[n.Name.Name] = s
				}
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok && !test {
					if u.uses[pkg.Name] == nil {
						u.uses[pkg.Name] = map[string]bool{}
					}
					u.uses[pkg.Name][n.Sel.Name] = true
				}
			}
			return true
		})
	}
	return u
}

// lists demands that the page says a name.
func (u *unitSource) lists(t *testing.T, what, name string) {
	t.Helper()
	on, err := regexp.MatchString(`\b`+name+`\b`, u.page)
	require.NoError(t, err)
	assert.True(t, on, "rtl/%s/doc.go: %s %s is not on the page", u.name, what, name)
}

// has tells whether the unit has a test whose name contains part.
func (u *unitSource) has(part string) bool {
	for name, test := range u.tests {
		if test && strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// A unit's page has every port, parameter, event and fault of the unit.
func TestPagesAreComplete(t *testing.T) {
	events := constants(t, "activity", "Event")
	faults := constants(t, "port", "FaultCode")
	for _, u := range unitSources(t) {
		for what, typ := range map[string]string{"input": "In", "output": "Out"} {
			require.NotNil(t, u.types[typ], "rtl/%s: no type %s", u.name, typ)
			for _, field := range u.types[typ].Fields.List {
				for _, name := range field.Names {
					u.lists(t, what, name.Name)
				}
			}
		}
		for _, name := range parameters(u.name) {
			u.lists(t, "parameter", name)
		}
		for name := range u.uses["activity"] {
			if events[name] {
				u.lists(t, "event", name)
			}
		}
		for name := range u.uses["port"] {
			if faults[name] && name != "FaultNone" {
				u.lists(t, "fault", name)
			}
		}
		assert.Contains(t, u.page, "Not modelled", "rtl/%s/doc.go", u.name)
	}
}

// parameters are the fields of a unit's part of the description, as files name them.
func parameters(unit string) (names []string) {
	part, ok := reflect.TypeFor[machine.Config]().FieldByNameFunc(func(name string) bool {
		return strings.EqualFold(name, unit)
	})
	for i := 0; ok && part.Type.Kind() == reflect.Struct && i < part.Type.NumField(); i++ {
		name, _, _ := strings.Cut(part.Type.Field(i).Tag.Get("yaml"), ",")
		names = append(names, unit+"."+name)
	}
	return names
}

// The page of the chip has a line for each unit.
func TestPageListsUnits(t *testing.T) {
	chip := readUnit(t, ".")
	for _, u := range unitSources(t) {
		line := regexp.MustCompile(`(?m)^\s+` + u.name + ` {2,}\w`)
		assert.True(t, line.MatchString(chip.page), "rtl/doc.go: %s is not in the list", u.name)
	}
}

// Every unit draws its timing as an example, and has a test of the faults that it raises and one
// that it allocates nothing.
func TestUnitsHaveTheirTests(t *testing.T) {
	for _, u := range unitSources(t) {
		assert.True(t, u.has("Example"), "rtl/%s: no example draws its timing", u.name)
		assert.True(t, u.has("Fault") || !raises(&u), "rtl/%s: no test of its faults", u.name)
		assert.True(t, u.has("Alloc"), "rtl/%s: no test that it allocates nothing", u.name)
	}
}

// raises tells whether a unit has a fault to raise.
func raises(u *unitSource) bool {
	for _, field := range u.types["Out"].Fields.List {
		for _, name := range field.Names {
			if name.Name == "Fault" {
				return true
			}
		}
	}
	return false
}

// constants are the names of a package's constants of a type.
func constants(t *testing.T, pkg, typ string) map[string]bool {
	names := map[string]bool{}
	require.NoError(t, filepath.WalkDir(pkg, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			collect(d, typ, names)
		}
		return nil
	}))
	require.NotEmpty(t, names)
	return names
}

// collect adds the constants of a declaration that are of a type: written down, or repeated from
// the line before.
func collect(d ast.Decl, typ string, names map[string]bool) {
	decl, ok := d.(*ast.GenDecl)
	if !ok || decl.Tok != token.CONST {
		return
	}
	is := false
	for _, s := range decl.Specs {
		v := s.(*ast.ValueSpec)
		if v.Type != nil || v.Values != nil {
			id, ok := v.Type.(*ast.Ident)
			is = ok && id.Name == typ
		}
		for _, name := range v.Names {
			names[name.Name] = names[name.Name] || is
		}
	}
}
