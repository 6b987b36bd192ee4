// Command bdfasim trains networks on the simulated chip, runs and inspects its programs, and reports cycles and energy.
// bdfasim --help shows examples.
//
//	main.go        command line, exit codes
//	train.go       bdfasim train; demo.go: bdfasim demo
//	setup.go       flags of an experiment -> data, network, firmware image
//	images.go      data sets, parts of them, held-out images
//	arm.go         one rule with one seed: on the chip, in fixed point, in floats
//	pool.go        all parts of all arms, in parallel; progress
//	compare.go     the table that sets arms against each other
//	energy.go      energy of a run, however long
//	plot.go        accuracy by epoch, drawn and as CSV
//	run.go         bdfasim run and power; tools.go: asm, disasm, info, version
//	output.go      where tables go; cell.go: how numbers are written in them
package main
