// Package experiment runs what an experiment file describes: networks trained
// under several learning rules, each with a grid of learning rates and several
// seeds, and compared by tables and curves.
//
//	file.yaml -> Parse -> Experiment -> Execute -> Results -> table, CSV, JSON, PNG
//	                                       |
//	                          one JSON file a finished run
//
// Every combination of data set, network, rule, number of training samples,
// learning rate and seed is one run. Runs are independent, so several train at
// a time, one a core, and their results are the same bytes however many.
// A finished run is saved at once under a name of its own; Execute skips it the
// next time if its settings, data included, are still the same. So an
// interrupted experiment goes on where it was.
//
// The learning rate is chosen for each rule by the mean accuracy on validation
// images, which are held out of the training set, and never by the test set.
// A run whose loss stops being finite has diverged: it ends there and counts
// as accuracy 0.
//
// The package knows networks only through Trainer, which a Factory builds.
//
// Reading order: experiment.go (the file), parse.go and check.go;
// plan.go; trainer.go with network.go and golden.go (package golden's networks);
// run.go; execute.go and store.go; then summary.go, csv.go, table.go, plot.go
// and save.go. Ready-made experiments are in files, and files.go opens them.
package experiment
