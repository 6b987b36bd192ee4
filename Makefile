# bdfasim: the targets a user needs. `make` alone lists them.
SHELL  := /bin/bash
GO     ?= go
BIN    := bin/bdfasim
# The seed of the properties' random cases.
export RAPID_SEED ?= 1
SOURCES = $(shell git ls-files '*.go' '*.s' '*.gz' '*.csv' '*.npz' '*.yaml' '*.tmpl' '*.pgo' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo report docs docs-check test check recipes cosim synth arm64 bench gen vectors fuzz race clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN): $(SOURCES) go.mod go.sum
	@mkdir -p bin
	$(GO) build -o $@ ./sim/cmd/bdfasim

demo: $(BIN) ## train 784-128-64-10 with BP and with BDFA on the simulated chip: one screen on learning and on the error path
	$(BIN) demo

report: $(BIN) ## the power study: simulate every kind of error-path hardware; writes report/REPORT.md, CSV, JSON and figures
	$(BIN) power study --out report

DOCS = $(GO) test ./testbench -run '^TestDocs$$' -count 1 -timeout 2h -docs
docs: ## write the blocks of pages that commands make, all that take up to LIMIT (5m) each
	$(DOCS) $(or $(LIMIT),5m) -update

docs-check: ## compare them
	$(DOCS) $(or $(LIMIT),5m)

test: ## run all tests; properties draw the same cases each time (other cases: RAPID_SEED=n, and make fuzz)
	$(GO) test ./...

# The command's tests are many; these are the ones with several goroutines.
CONCURRENT = ^(TestTrain|TestResume|TestInterrupted|TestProgress|TestGolden)$$
race: ## run the tests of what starts goroutines under the race detector
	$(GO) test -race -short ./golden/gemm ./golden/intgemm ./golden/qmodel ./golden/experiment
	$(GO) test -race -short -run '$(CONCURRENT)' ./sim/cmd/bdfasim
	$(GO) test -race -short -run '^TestCores$$' ./sim/sample

check: ## formatting, vet, static analysis, generated files and modules up to date, the pure-Go build, races
	@out=$$(gofmt -l . ) && test -z "$$out" || { echo "gofmt would change: $$out"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags purego ./...
	$(GO) -C tools/avo vet ./...
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
	$(GO) mod tidy -diff
	$(GO) -C tools/avo mod tidy -diff
	$(MAKE) --no-print-directory gen
	@git diff --exit-code --stat || { echo "make gen changes committed files: commit its output"; exit 1; }
	$(GO) test -tags purego -short ./rtl/... ./testbench
	tools/arm64.sh listing
	$(MAKE) --no-print-directory race

recipes: ## apply the recipes of docs/change.md to a copy, whole and with each step left out
	$(GO) test ./testbench/recipes -recipes -v -timeout 30m

# At least 400,000 cycles of each unit in each of three kinds of programs on each of three machines.
COSIM = $(GO) test ./testbench -cosim -count 1 -timeout 3h -v
cosim: ## compare the chip with its RTL in SystemVerilog, cycle by cycle; QUICK=1: a part of it (installs Verilator when root)
	@tools/need.sh verilator verilator || exit 0; \
	if [ -n "$(QUICK)" ]; then \
	  $(COSIM) -run '^TestCosim$$' -machines small -cycles 20000 && \
	  $(COSIM) -run '^TestCosimChip$$' -machines small; \
	else \
	  $(COSIM) -run '^TestCosim$$' -cycles 400000 && \
	  $(COSIM) -run '^TestCosim(Alone|Errors)$$' -cycles 20000 && \
	  $(COSIM) -run '^TestCosimChip$$' && \
	  $(COSIM) -run '^TestCosimMutants$$'; \
	fi

# Cells of an open library, for energies.
CELLS = qflow-tech-osu018
synth: ## read the RTL with Yosys: latches, loops, flip-flops by enable, gate levels, energies of gates (installs both when root)
	@tools/need.sh yosys yosys || exit 0; \
	test "$$(id -u)" != 0 || dpkg -s $(CELLS) >/dev/null 2>&1 || apt-get install -y -qq $(CELLS) >&2; \
	$(GO) test ./testbench/cosim/synth -synth -count 1 -timeout 2h -v

arm64: ## the program for arm64 prints the same numbers, to the last digit (installs qemu-user-static when root)
	tools/arm64.sh

bench: ## simulated cycles a second and their ratios to plain Go, in one run
	tools/bench.sh

gen: ## regenerate what is generated (assembly of the SIMD leaves, listings, isa/REFERENCE.md, tables)
	$(GO) generate ./...

fuzz: ## fuzz everything that parses, and programs on the chip, for T (20s) each; ONLY=NAME: some targets
	tools/fuzz.sh $(or $(T),20s) $(ONLY)

vectors: ## regenerate the golden vectors with PyTorch (installs Debian's python3-torch)
	tools/vectors.sh

clean: ## remove what was built
	rm -rf bin
	$(GO) clean -testcache
