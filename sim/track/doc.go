// Package track follows an object through a sequence by online learning, as MDNet does (Nam, Han,
// "Learning Multi-Domain Convolutional Neural Networks for Visual Tracking", CVPR 2016, arXiv
// 1510.07945, and its public implementation py-MDNet): fixed convolutions make features of what
// lies under a box, and three fully connected layers, the head, learn in the sequence itself to
// tell the target from what is around it.
//
//	first picture   boxes around the target --features--> positives, negatives --> head learns
//	                boxes with a large overlap ---------> regression from features to boxes
//	each further    candidates around the last box --features--> head scores
//	                mean of the five best = target; regression improves it
//	                sure (score over 0): new positives and negatives are kept
//	                now and then, and when it is not sure: head learns from what is kept
//
// A head is a Learner. The float model learns by BP, by BP with ten times the rate in the hidden
// layers, by BDFA in three forms, or never; anything that trains on bytes can stand in its place.
//
// Everything is decided by sequence, settings, features and seed: no clock, no order of goroutines.
// Boxes are rounded to 1/1024 of a pixel, so that the last digits of roots and exponentials, which
// differ between machines, do not matter to what follows.
//
// Reading order: settings.go (all numbers, with their sources), boxes.go (how boxes are drawn),
// samples.go (what is kept), learner.go with float.go, regress.go, tracker.go (the loop above),
// score.go (precision and success), plot.go and overlay.go.
package track
