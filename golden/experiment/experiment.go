package experiment

import (
	"strconv"

	"bdfasim/firmware/net"
	"bdfasim/golden"
)

// Experiment is what an experiment file says: every combination of data set,
// network, rule, number of samples, learning rate and seed is one run.
type Experiment struct {
	Name     string    `yaml:"name"`
	About    string    `yaml:"about,omitempty"` // what it shows, and how it departs from its source
	Data     []Data    `yaml:"data"`
	Networks []Network `yaml:"networks"`
	Rules    []Rule    `yaml:"rules"`
	Samples  []Count   `yaml:"samples" default:"[all]"` // training images, class-balanced
	Seeds    []uint64  `yaml:"seeds"`                   // of weights, feedback, order and augmentation
	// Rates are the learning rates of rules that give none of their own.
	Rates    []float64 `yaml:"rates,omitempty" want:"(0,]"`
	Epochs   int       `yaml:"epochs" want:"[1,100000]"`
	Batch    int       `yaml:"batch" want:"[1,4096]"` // the last batch of an epoch may be smaller
	Momentum float64   `yaml:"momentum,omitempty" want:"[0,1)"`
	Decay    float64   `yaml:"weight-decay,omitempty" want:"[0,]"`
	Schedule Schedule  `yaml:"schedule,omitempty"`
	Augment  Augment   `yaml:"augment,omitempty"` // for rules that say nothing else
	Metrics  Metrics   `yaml:"metrics" default:"{}"`
	// Search chooses the learning rates in short runs; without it all rates are trained in full.
	Search *Search `yaml:"search,omitempty"`
	// BestBy is what chooses the learning rate of each rule.
	BestBy string `yaml:"best-by" default:"validation" want:"validation"`
	// Report is the epoch that tables show: the last, or the best on validation.
	Report string `yaml:"report" default:"last" want:"last|best"`
}

// Data names a data set and how it is parted. All parts are class-balanced.
type Data struct {
	Set        string `yaml:"set" json:"set"`                                     // of data.Names, or any for own images
	Folder     string `yaml:"folder,omitempty" json:"-"`                          // Options.Folders goes first
	Validation int    `yaml:"validation,omitempty" want:"[0,]" json:"validation"` // images held out
	Test       Count  `yaml:"test" default:"all" json:"test"`                     // test images
	// Split is the seed of all choices of images, the same for all runs.
	Split uint64 `yaml:"split,omitempty" json:"split"`
	// Normalise makes pixels p/256, or, by channel, of mean 0 and deviation 1
	// over the training images.
	Normalise string `yaml:"normalise" default:"pixel" want:"pixel|channel" json:"normalise"`
}

// Network is a preset with its parameters or an inline description.
type Network struct {
	Name   string `yaml:"name" json:"name"`
	Preset string `yaml:"preset,omitempty" want:"mlp|lenet|vgg16" json:"preset,omitempty"`
	// Hidden are the neurons of the FC layers below the last.
	Hidden []int `yaml:"hidden,omitempty" want:"[1,65536]" json:"hidden,omitempty"`
	// Activation is of an mlp, default relu.
	Activation string `yaml:"activation,omitempty" want:"relu|tanh|sigmoid" json:"activation,omitempty"`
	// Width multiplies the channels, default 1.
	Width float64  `yaml:"width,omitempty" want:"[0,64]" json:"width,omitempty"`
	Net   *net.Net `yaml:"net,omitempty" json:"net,omitempty"`
}

// Rule is one trial: a learning rule with its options. A zero option is the
// default of the trainer.
type Rule struct {
	Name     string          `yaml:"name,omitempty" json:"name"` // in tables and file names; default Rule
	Rule     string          `yaml:"rule" json:"rule"`           // of golden.Rules
	Feedback golden.Feedback `yaml:"feedback,omitempty" json:"feedback,omitempty"`
	Scale    golden.Scale    `yaml:"scale,omitempty" json:"scale,omitempty"`
	Boundary golden.Boundary `yaml:"boundary,omitempty" json:"boundary,omitempty"`
	Init     golden.Init     `yaml:"init,omitempty" json:"init,omitempty"`
	// FCBN puts batch norm after the FC layers below the last.
	FCBN bool `yaml:"fc-bn,omitempty" json:"fc_bn,omitempty"`
	// HiddenRate multiplies the learning rate of all layers but the last: the
	// control that tells a rule's merit from a larger effective rate, since raw
	// binary feedback makes hidden gradients larger than BP's. Default 1.
	HiddenRate float64          `yaml:"hidden-rate,omitempty" want:"[0,]" json:"hidden_rate,omitempty"`
	Rates      []float64        `yaml:"rates,omitempty" want:"(0,]" json:"-"`
	Augment    *Augment         `yaml:"augment,omitempty" json:"-"`
	Paper      map[string]Paper `yaml:"paper,omitempty" json:"-"` // by data set
}

// Paper is a published test accuracy in %, printed beside ours.
type Paper struct {
	Top1 float64 `yaml:"top1,omitempty" want:"[0,100]" json:"top1"`
	Top5 float64 `yaml:"top5,omitempty" want:"[0,100]" json:"top5"`
}

// Search is a first stage: of each rule with several rates, runs of all rates
// for a few epochs, not tested. The best of them is then trained in full.
type Search struct {
	Seeds  []uint64 `yaml:"seeds"`
	Epochs int      `yaml:"epochs" want:"[1,100000]"`
}

// Schedule multiplies the learning rate by By after each number of epochs in At.
type Schedule struct {
	At []int   `yaml:"at,omitempty" want:"[1,]" json:"at,omitempty"`
	By float64 `yaml:"by,omitempty" want:"(0,1]" json:"by,omitempty"`
}

// factor is the schedule's part of the learning rate in an epoch from 1.
func (s Schedule) factor(epoch int) float64 {
	f := 1.0
	for _, at := range s.At {
		if epoch > at {
			f *= s.By
		}
	}
	return f
}

// Augment varies training images: data.Augment.
type Augment struct {
	Flip bool `yaml:"flip,omitempty" json:"flip,omitempty"`
	// Crop is the padding of the random crop in pixels; no image here has as many.
	Crop int `yaml:"crop,omitempty" want:"[0,64]" json:"crop,omitempty"`
}

// Metrics says what is measured after every epoch, and before the first as
// epoch 0.
type Metrics struct {
	// Train is the accuracy on training images, of the running epoch's steps, or
	// full: of all of them after the epoch, without augmentation.
	Train     string `yaml:"train" default:"running" want:"running|full" json:"train"`
	Top       int    `yaml:"top" default:"5" want:"[1,1000]" json:"top"` // k of top-k
	Alignment bool   `yaml:"alignment,omitempty" json:"alignment"`       // with BP, per layer
	// Probe is the number of training images, class-balanced, of its batch.
	Probe int `yaml:"probe" default:"100" want:"[1,4096]" json:"probe"`
}

// Count is a number of images, 0 for all of them; a file says "all".
type Count int

// String is what a file says: a number or all.
func (c Count) String() string {
	if c == 0 {
		return "all"
	}
	return strconv.Itoa(int(c))
}
