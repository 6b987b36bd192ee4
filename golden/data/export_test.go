package data

import "testing/fstest"

// OpenPictures reads a folder of one picture.
func OpenPictures(raw []byte, as Shape) (Set, error) {
	f, err := openPictures(fstest.MapFS{"a/x.png": {Data: raw}}, "dir", as)
	return f.Train, err
}

// ReadNPZ reads the bytes of an .npz file.
func ReadNPZ(raw []byte) (Found, error) {
	return readNPZ("f.npz", raw)
}
