// Package feature turns parts of a picture into the 4,608 numbers that a tracker's head learns
// from.
//
//	picture, boxes --> crops 3 x 107 x 107 --network--> 4,608 numbers --> bytes
//	                   crop.go              network.go
//
// A crop is what lies under a box and 16 of 107 parts around it, brought to 107 x 107 pixels with
// bilinear weights; outside the picture it is grey (128). The network takes red, green and blue
// minus 128, as MDNet's does (Nam, Han 2016, arXiv 1510.07945, and its public implementation
// py-MDNet).
//
// The network is any ONNX file up to its first fully connected layer, which must have 4,608
// inputs, or to its end. Where layers of 512 and 512 follow, as MDNet's do, their weights are
// where the head starts from. Default is a network of our own, 3.5 million multiplications a crop:
//
//	conv 16, 7 x 7, step 4; conv 32, 3 x 3; conv 512, 3 x 3; batch norm and ReLU after each,
//	maxima of 2 x 2 after the first two
//
// which learned from drawn sequences, whose seeds no tracked one has, which of 160 targets a crop
// shows, or none (learn_test.go). This makes default.onnx again, in some minutes:
//
//	go test ./sim/track/feature -run TestLearn -learn default.onnx -timeout 1h -v
//
// Features are bytes, as the chip takes its inputs; byte b stands for b/64. A factor, a power of
// two that is measured once in a sequence (Gain), brings them to that range.
package feature
