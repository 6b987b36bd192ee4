// Package data reads sets of labelled images and embeds a small one. It splits them into training,
// validation and test sets, and builds batches of floats.
//
// Embedded returns 2,000 training and 2,000 test images of Fashion-MNIST (Xiao, Rasul, Vollgraf
// 2017, arXiv 1708.07747; MIT licence, see LICENSE-Fashion-MNIST): the first 200 of each of the ten
// classes of the official training and test files, in file order, so classes are balanced and test
// images are official test images. A test compares them with
// the official files, which Debian ships in the package dataset-fashion-mnist under
// /usr/share/datasets/fashion-mnist.
//
// Open reads a set from a path, in one of four forms: a folder of IDX files, one of CIFAR, one of
// pictures by class, or an .npz file; docs/data.md is for their users. Load reads one by its name.
// Set.HoldOut takes validation images from the training set and Set.Balanced reduces it; both take
// equally many images of each class, chosen by a seed. Test sets stay apart. A Feed scales and
// augments. What files claim is checked against limits.go before memory is taken.
//
// IDX, all numbers big-endian: 0, 0, 8 (unsigned bytes), the number of dimensions, each dimension
// as 32 bits, then the bytes, last dimension fastest. Images have three dimensions (n, rows,
// columns), labels one.
//
// CIFAR, records without a header: one label byte (CIFAR-100: coarse, then fine), then 1,024 bytes
// of red, of green and of blue, row by row. (Krizhevsky 2009, "Learning Multiple Layers of Features
// from Tiny Images", and the description beside the files.)
//
// Reading order: set.go, open.go, limits.go; idx.go, cifar.go, pictures.go with shape.go, npz.go;
// names.go, split.go, feed.go.
package data
