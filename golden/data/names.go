package data

import (
	"fmt"
	"os"
	"strings"
)

// Names lists the sets that Load knows without being told what they are.
var Names = []string{"embedded", "mnist", "fashion-mnist", "cifar-10", "cifar-100"}

// Load reads a set by its name. embedded needs no path; all others are read from one: CIFAR from the folder of its
// binary version, all others, of any name, as Open does.
func Load(name, path string) (f Found, err error) {
	switch {
	case name == "embedded":
		f.Train, f.Test, err = Embedded()
		return f, err
	case path == "":
		return f, fmt.Errorf("data: %s: got no folder or file, want one with its images, or one of %s", name, strings.Join(Names, ", "))
	case name == cifar10.name:
		return cifar10.load(os.DirFS(path), path)
	case name == cifar100.name:
		return cifar100.load(os.DirFS(path), path)
	}
	if f, err = Open(path, Shape{}); err == nil {
		f.Train.Name, f.Test.Name = name+"/train", name+"/test"
	}
	return f, err
}
