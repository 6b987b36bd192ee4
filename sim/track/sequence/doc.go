// Package sequence has what trackers run on: pictures with a box around one object in each, read
// from folders that are laid out as those of the Object Tracking Benchmark (Wu, Lim, Yang 2015,
// doi 10.1109/TPAMI.2014.2388226), or drawn from a seed.
//
//	NAME/img/0001.jpg ...          JPEG or PNG, in colour or grey, all of one size
//	NAME/groundtruth_rect.txt      a line a picture: x,y,w,h with commas, tabs or blanks
//	NAME/groundtruth_rect.2.txt    of the second object of a sequence, opened as NAME.2
//
// Files count pixels from 1; a Box counts them from 0. NAME:300-770 takes the pictures of these
// numbers. Pictures begin with any number, and none may be missing from there on.
//
// What may be wrong with a folder, and what becomes of it, is in docs/tracking.md.
// Errors name file and line, what is there and what is wanted.
//
// Reading order: box.go, sequence.go, read.go with truth.go; settings.go, scene.go, texture.go and
// draw.go for the generator; write.go.
package sequence
