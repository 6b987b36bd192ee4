// Package inspect reads what is in a chip's memories: ranges of a memory (Read with
// scratch:0:16), tensors of the network by name (Read with conv1.W), and the feature maps that
// OMEM holds compressed, for tools and for comparisons with the golden models.
//
//	inspect.go  Read: a memory or a tensor, or a range of one, as an Array
//	tensor.go   tensors by their layout
//	maps.go     maps in OMEM and f' masks
//	array.go    Array: numbers with their format; text and .npy
package inspect
