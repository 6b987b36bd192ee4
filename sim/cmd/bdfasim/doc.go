// Command bdfasim trains networks on the simulated chip, runs and inspects its programs, and reports cycles and energy.
// bdfasim --help shows examples.
//
//	main.go        command line, exit codes
//	help.go        long texts of --help, which stand in help.yaml
//	train.go       bdfasim train; demo.go: bdfasim demo; compile.go: bdfasim compile
//	setup.go       flags of an experiment, learning rates
//	network.go     what is trained: sizes, a preset, a YAML or ONNX file
//	images.go      data sets, random images, parts of them, held-out images
//	build.go       network, data and flags -> firmware image and models
//	chip.go        the chip that an image needs; headers of training programs
//	trial.go       one rule with one seed: on the chip, in fixed point, in floats
//	pool.go        all parts of all trials, in parallel
//	compare.go     the table that sets trials against each other
//	energy.go      energy of a run, however long
//	golden.go      bdfasim golden: experiments with the float models
//	track.go       bdfasim track; trackrun.go: its runs and tables
//	plot.go        accuracy by epoch, drawn and as CSV
//	run.go         bdfasim run; look.go: its traces and recordings; dump.go: its dumps
//	verify.go      bdfasim verify; order.go: bdfasim order; tools.go: asm, disasm, info
//	power.go       bdfasim power run, power prices; study.go: power study, power area
//	output.go      where tables and files go; about.go: what they are of; cell.go: digits
//	flags.go       what flags may be, and files that they name; progress.go: how far a work is
//	meta.go        help, man page, completion, versions
//
//go:generate go test . -run TestNotice -notice
package main
