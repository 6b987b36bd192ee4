package data

import (
	"fmt"
	"strings"
)

// Names lists what Load knows.
var Names = []string{"embedded", "mnist", "fashion-mnist", "cifar-10", "cifar-100"}

// Load reads a set by its name. embedded needs no folder; all others are read
// from the folder dir: see LoadDir, LoadCIFAR10 and LoadCIFAR100.
func Load(name, dir string) (train, test Set, err error) {
	switch name {
	case "embedded":
		return Embedded()
	case "mnist", "fashion-mnist", "cifar-10", "cifar-100":
	default:
		return Set{}, Set{}, fmt.Errorf("data: set: got %q, want one of %s", name, strings.Join(Names, ", "))
	}
	if dir == "" {
		return Set{}, Set{}, fmt.Errorf("data: %s: got no folder, want the one with its official files", name)
	}
	switch name {
	case "cifar-10":
		return LoadCIFAR10(dir)
	case "cifar-100":
		return LoadCIFAR100(dir)
	}
	if train, test, err = LoadDir(dir); err != nil {
		return Set{}, Set{}, err
	}
	train.Name, test.Name = name+"/train", name+"/test"
	return train, test, nil
}
