package data

import (
	"fmt"
	"strings"
)

// Names lists the sets that experiments of this project are about. embedded is built in.
var Names = []string{"embedded", "mnist", "fashion-mnist", "cifar-10", "cifar-100"}

// Load reads a set of any name from a path, as Open does, or the embedded one.
func Load(name, path string) (f Found, err error) {
	if name == "embedded" {
		f.Train, f.Test, err = Embedded()
		return f, err
	}
	if path == "" {
		return f, fmt.Errorf("data: %s: got no folder or file, want one with its images, or one of %s",
			name, strings.Join(Names, ", "))
	}
	if f, err = Open(path, Shape{}); err == nil {
		f.Train.Name, f.Test.Name = name+"/train", name+"/test"
	}
	return f, err
}
