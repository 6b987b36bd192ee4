// Command gen writes the embedded subset of Fashion-MNIST: the first 200
// images of each class of the official training and test files, in file
// order, as gzip IDX under the official names. The same input gives the same
// bytes. From the root of the repository:
//
//	go run ./golden/data/gen
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"bdfasim/golden/data"
)

type options struct {
	From     string `help:"Folder of the official files (Debian: package dataset-fashion-mnist)." default:"/usr/share/datasets/fashion-mnist"`
	To       string `help:"Folder to write into." default:"golden/data"`
	PerClass int    `help:"Images a class, in training and in test." default:"200"`
}

func main() {
	var o options
	kong.Parse(&o, kong.Description("Write the embedded subset of Fashion-MNIST."))
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	f, err := data.Open(o.From, data.Shape{})
	if err != nil {
		return err
	}
	if err := subset(f.Train, o, "train"); err != nil {
		return err
	}
	return subset(f.Test, o, "t10k")
}

// subset writes the image and the label file of one set.
func subset(full data.Set, o options, prefix string) error {
	s, err := full.Subset(o.PerClass)
	if err != nil {
		return err
	}
	var images, labels bytes.Buffer
	if err := data.WriteImages(&images, s.Images, s.N, s.Rows, s.Cols); err != nil {
		return err
	}
	if err := data.WriteLabels(&labels, s.Labels); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.To, prefix+"-images-idx3-ubyte.gz"), images.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.To, prefix+"-labels-idx1-ubyte.gz"), labels.Bytes(), 0o644)
}
