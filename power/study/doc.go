// Package study is the power study: what the published saving of 35.3 % can mean. docs/power.md,
// "What 35.3 % is compared with", has the definitions, which were fixed before anything of them was
// run.
//
//	images --> frozen convolutions --> train (fixed-point model) --> Trace: weights, sparsity, accuracy
//	Trace + Variant --> compile --> chip, one iteration --> Case: Counts by phase     chip against chip
//	random errors + Variant --> core alone --> Case                                  core against core
//	Counts --> Work: a boundary, a period --> Cost (power.PriceList) --> Row: saving, interval, percentile
//	Rows, claims.yaml --> tables, figures, REPORT.md
//
// A table asks for the runs that it needs (Study.get). Those that are missing are simulated, and it
// is asked again: so a table of cores trains no network. A run is named by its Key and is nothing
// but Counts, which are all that prices are applied to; counts.json of a report has them, and a
// study that reads it simulates nothing.
//
// What is printed comes from sums in a fixed order without fused operations, so it is the same on
// every machine but for what a processor's own exponential function does to a draw, before prices
// are rounded to attojoules.
//
// Reading order: study.go (what is in study.yaml, and the runs), counts.go, rows.go (the
// definitions), cost.go (energies, intervals), nets.go, trace.go, iterate.go (a chip), core.go,
// tables.go, choices.go, claims.go (the family's figures, in claims.yaml), page.go and figures.go
// with report.tmpl.
package study
