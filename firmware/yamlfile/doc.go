// Package yamlfile reads the YAML files that users write: networks, technologies, experiments. It
// imports nothing of ours. A file is read into a struct:
//
//	type Machine struct {
//		Name     string   `yaml:"name"`                            // must be there
//		About    string   `yaml:"about,omitempty"`                 // may be left out
//		Lanes    int      `yaml:"lanes" default:"16" want:"[1,64]"` // 16 unless said
//		ClockMHz float64  `yaml:"clock_mhz" want:"(0,]"`           // more than 0
//		Memory   string   `yaml:"memory" want:"lpddr3|ddr3"`       // one of these words
//		Banks    []int    `yaml:"banks" want:"[1,]"`               // each of them 1 or more
//		Classes  int      `yaml:"classes" want:"[16,64]/16"`       // a multiple of 16
//		Width    int      `yaml:"width" want:"8|16|32"`            // one of these numbers
//	}
//
//	root, err := yamlfile.Parse(data, "machine.yaml", &m)
//
// Structs, lists, pointers and maps nest; a default is YAML too ("[1, 2]", "{}"). A type whose
// values are words has a method Words (Enum), one with a form of its own reads itself (Decoder).
// What no tag can say is checked afterwards, with the place of the field:
//
//	root.Errorf("banks[1]", "got %d, want a power of two", m.Banks[1])
//
// Every error is "file:line:column: field.path: got ..., want ..."; where the text is no YAML the
// column is not known. The place of a list or mapping is its key. Refused are fields that nobody
// knows, or twice, values of another type, infinities, aliases, a second document, files above
// MaxSize and more than maxDepth levels.
package yamlfile
