// Package data reads image sets in the IDX format (MNIST, Fashion-MNIST) and
// carries a small one of its own.
//
// Embedded returns 2,000 training and 2,000 test images of Fashion-MNIST
// (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747; MIT licence, see
// LICENSE-Fashion-MNIST): the first 200 of each of the ten classes of the
// official training and test files, in file order, so classes are balanced
// and test images are official test images. The command in gen writes the
// four files; it reads the official ones, which Debian ships in the package
// dataset-fashion-mnist under /usr/share/datasets/fashion-mnist.
//
// LoadDir reads the full sets from a folder.
//
// IDX, all numbers big-endian: 0, 0, 8 (unsigned bytes), the number of
// dimensions, each dimension as 32 bits, then the bytes, last dimension
// fastest. Images have three dimensions (n, rows, columns), labels one.
package data
