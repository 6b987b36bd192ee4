package experiment

// Experiment is what an experiment file says: every combination of data set,
// network, rule, number of samples, learning rate and seed is one run.
type Experiment struct {
	Name     string    `yaml:"name"`
	About    string    `yaml:"about"` // what it shows, and where it departs from its source
	Data     []Data    `yaml:"data"`
	Networks []Network `yaml:"networks"`
	Rules    []Rule    `yaml:"rules"`
	Samples  []Count   `yaml:"samples"` // training images, class-balanced; default all
	Seeds    []uint64  `yaml:"seeds"`   // of weights, feedback, order and augmentation
	Rates    []float64 `yaml:"rates"`   // learning rates of rules that give none of their own
	Epochs   int       `yaml:"epochs"`
	Batch    int       `yaml:"batch"` // the last batch of an epoch may be smaller
	Momentum float64   `yaml:"momentum"`
	Decay    float64   `yaml:"weight-decay"`
	Schedule Schedule  `yaml:"schedule"`
	Augment  Augment   `yaml:"augment"` // of training images, for rules that say nothing else
	Metrics  Metrics   `yaml:"metrics"`
	BestBy   string    `yaml:"best-by"` // "validation" (default and only): chooses the learning rate of each rule
	Report   string    `yaml:"report"`  // epoch that tables show: "last" (default) or "best" on validation
}

// Data names a data set and how it is parted.
type Data struct {
	Set        string `yaml:"set" json:"set"`               // of data.Names
	Folder     string `yaml:"folder" json:"-"`              // of its official files; Options.Folders goes first
	Validation int    `yaml:"validation" json:"validation"` // images held out of training, class-balanced
	Test       Count  `yaml:"test" json:"test"`             // test images, class-balanced; default all
	Split      uint64 `yaml:"split" json:"split"`           // seed of both choices and of Samples, the same for all runs
	Normalise  string `yaml:"normalise" json:"normalise"`   // "pixel" (p/256, default) or "channel" (mean 0, deviation 1 over the training images)
}

// Network is a preset with its parameters or an inline description.
type Network struct {
	Name       string  `yaml:"name" json:"name"`
	Preset     string  `yaml:"preset" json:"preset,omitempty"`
	Hidden     []int   `yaml:"hidden" json:"hidden,omitempty"`         // neurons of the FC layers below the last
	Activation string  `yaml:"activation" json:"activation,omitempty"` // of an mlp: relu (default), tanh, sigmoid
	Width      float64 `yaml:"width" json:"width,omitempty"`           // multiplier of the channels; default 1
	Net        Inline  `yaml:"net" json:"net,omitzero"`
}

// Inline is a network description in the language of firmware/net, and where
// in a file it stands.
type Inline struct {
	Text string `json:"text"`
	File string `json:"-"`
	Line int    `json:"-"` // of the first line of Text, from 1
}

// Rule is one arm: a learning rule with its options. A zero option is the
// default of the trainer.
type Rule struct {
	Name     string `yaml:"name" json:"name"` // in tables and file names
	Rule     string `yaml:"rule" json:"rule"` // bp, fa, dfa, bdfa, cdfa, cbdfa, conv-only, dfa-all, ...
	Feedback string `yaml:"feedback" json:"feedback,omitempty"`
	Scale    string `yaml:"scale" json:"scale,omitempty"`
	Boundary string `yaml:"boundary" json:"boundary,omitempty"`
	Init     string `yaml:"init" json:"init,omitempty"`
	FCBN     bool   `yaml:"fc-bn" json:"fc_bn,omitempty"` // batch norm after the FC layers below the last
	// HiddenRate multiplies the learning rate of all layers but the last: the
	// control that tells a rule's merit from a larger effective rate, since raw
	// binary feedback makes hidden gradients larger than BP's. Default 1.
	HiddenRate float64          `yaml:"hidden-rate" json:"hidden_rate,omitempty"`
	Rates      []float64        `yaml:"rates" json:"-"`
	Augment    *Augment         `yaml:"augment" json:"-"`
	Paper      map[string]Paper `yaml:"paper" json:"-"` // by data set
}

// Paper is a published test accuracy in %, printed beside ours.
type Paper struct {
	Top1 float64 `yaml:"top1" json:"top1"`
	Top5 float64 `yaml:"top5" json:"top5"`
}

// Schedule multiplies the learning rate by By after each number of epochs in At.
type Schedule struct {
	At []int   `yaml:"at" json:"at,omitempty"`
	By float64 `yaml:"by" json:"by,omitempty"`
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
	Flip bool `yaml:"flip" json:"flip,omitempty"`
	Crop int  `yaml:"crop" json:"crop,omitempty"` // padding of the random crop, pixels
}

// Metrics says what is measured after every epoch, and before the first as
// epoch 0.
type Metrics struct {
	Train     string `yaml:"train" json:"train"`         // "running" (of the epoch's steps, default) or "full" (after the epoch, without augmentation)
	Top       int    `yaml:"top" json:"top"`             // k of top-k; default 5
	Alignment bool   `yaml:"alignment" json:"alignment"` // with BP, per layer
	Probe     int    `yaml:"probe" json:"probe"`         // images of its batch: a fixed class-balanced choice of the training images; default 100
}

// Count is a number of images, 0 for all of them; a file says "all".
type Count int
