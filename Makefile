# Targets of the document that this project succeeds, each with its counterpart here.
CARGO ?= cargo

BENCH := $(CARGO) bench -p lock-free-ring --bench
SUITE := $(CARGO) run --release -p integration-tests -- run
BASELINE := results/integration-standard.json
SHORT := --warm-up-time 0.3 --measurement-time 1 --sample-size 20

.DEFAULT_GOAL := help
.PHONY: help build build-cmd man clean test test-verbose test-race test-async test-stress test-cmd test-datagen \
        test-datagen-short test-unlimited test-integration test-integration-smoke test-integration-standard \
        test-integration-full test-integration-stress test-integration-overload \
        test-integration-unit test-integration-profile test-integration-profile-all \
        test-integration-profile-200mbps test-integration-profile-400mbps \
        test-integration-report test-integration-baseline test-integration-regression \
        test-integration-artifact browser test-report test-browser prove-models prove-shuttle prove-sanitizers \
        prove-compile-fail fuzz deny public-api public-api-accept package test-coverage \
        test-nats test-examples test-crossbeam-mpsc test-faults test-soak prove prove-quick \
        prove-protocols mutants test-miri flakes bench bench-short bench-datagen bench-compared bench-cpu \
        bench-mem bench-pattern bench-falsesharing bench-padding bench-instructions run-cmd run-cmd-custom \
        lint vet fmt fmt-check doc tidy check

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-33s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the whole workspace (release)
	$(CARGO) build --release --workspace

build-cmd: ## Build the program: bin/ring
	$(CARGO) build --release -p ring-app
	mkdir -p bin && cp target/release/ring bin/ring

man: ## The program's manual page and shell completions: target/man, target/completions
	$(CARGO) build --release -p ring-app
	mkdir -p target/man target/completions
	target/release/ring --man > target/man/ring.1
	target/release/ring --completions bash > target/completions/ring
	target/release/ring --completions zsh > target/completions/_ring
	target/release/ring --completions fish > target/completions/ring.fish
	@echo "Look at it with: man -l target/man/ring.1"

clean: ## Remove everything that was built
	$(CARGO) clean
	rm -rf bin output

test: ## All tests
	$(CARGO) test --workspace
	$(MAKE) test-async

test-verbose: ## All tests, with what they print
	$(CARGO) test --workspace -- --nocapture

test-race: ## The models: every protocol under the model checker loom (2 minutes)
	proofs/loom.py

test-async: ## The library's feature async, with and without std: tokio, smol, bare; every example
	$(CARGO) test -p lock-free-ring --features async --test 'async_*' --test allocations --test bounds
	$(CARGO) test -p lock-free-ring --features async --doc
	$(CARGO) test -p lock-free-ring --no-default-features --features async --test async_bare

test-examples: ## Each example of the library runs and prints what its head says
	proofs/examples.py

test-crossbeam-mpsc: ## crossbeam-channel's own tests/mpsc.rs on lock_free_ring::channel
	proofs/crossbeam_mpsc.py

test-stress: ## The library's tests in release, ten times as long
	RING_STRESS=10 $(CARGO) test --release -p lock-free-ring

test-cmd: ## The program's tests
	$(CARGO) test -p ring-app

test-datagen: ## The generator's tests, the nine of the document among them; rates are measured (2 minutes)
	$(CARGO) test --release -p data-generator -- --include-ignored --test-threads=1 --show-output

test-datagen-short: ## The generator's tests without the timed ones
	$(CARGO) test -p data-generator

test-unlimited: ## The program without a set rate, beside what the machine can copy (25 s)
	$(CARGO) test --release -p ring-app --test ring -- --ignored --nocapture unlimited

test-integration: ## The suite's quick set under the strict preset (20 s)
	$(SUITE) --set quick --preset strict $(ARGS)

test-integration-smoke: ## One case of 3 s
	$(SUITE) --set smoke --preset strict $(ARGS)

test-integration-standard: ## Ten cases of 10 s under the strict preset (2 minutes)
	$(SUITE) --set standard --preset strict $(ARGS)

test-integration-full: ## The document's 68 cases (12 minutes)
	$(SUITE) --set full --report $(ARGS)

test-integration-stress: ## Four cases of 5 minutes (20 minutes)
	$(SUITE) --set stress --preset strict --report $(ARGS)

test-integration-overload: ## More than the machine carries: nothing hangs, nothing is lost (30 s)
	$(SUITE) --set overload $(ARGS)

test-integration-unit: ## The suite's own tests, with a fake ring
	$(CARGO) test -p integration-tests

test-integration-profile: ## A CPU profile at 4 × 10 Mb/s, with the report (8 s)
	$(SUITE) --set smoke --profile cpu --report $(ARGS)

test-integration-profile-all: ## Six profiles at 4 × 10 Mb/s, with the report (25 s)
	$(SUITE) --set smoke --profile all --report $(ARGS)

test-integration-profile-200mbps: ## Six profiles at 4 × 50 Mb/s beside the document's figures (80 s)
	$(SUITE) --set standard --id T003 --profile all --report $(ARGS)

test-integration-profile-400mbps: ## Six profiles at 8 × 50 Mb/s beside the document's figures (80 s)
	$(SUITE) --set standard --id T004 --profile all --report $(ARGS)

test-integration-report: ## The quick set, with the report output/report-latest.html (20 s)
	$(SUITE) --set quick --report $(ARGS)

test-integration-baseline: ## Keep a run of the standard set as the baseline, BASELINE=file (2 minutes)
	$(SUITE) --set standard --preset strict --output output/baseline $(ARGS)
	cp output/baseline/results.json $(BASELINE)

test-integration-regression: ## The standard set beside the baseline; exit 4 if a figure is worse (2 minutes)
	$(SUITE) --set standard --preset strict --baseline $(BASELINE) --report $(ARGS)

test-integration-artifact: ## The quick set packed for CI to keep: output/integration-tests.tar.gz (20 s)
	mkdir -p output
	$(SUITE) --set quick --report --output output/artifact $(ARGS) > output/artifact.txt; \
	code=$$?; cat output/artifact.txt; \
	tar -czf output/integration-tests.tar.gz -C output artifact && exit $$code

# Chromium and node by apt-get where they are missing; the browser's driver by npm, as its lock says.
browser:
	@command -v chromium > /dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium; }
	@command -v npm > /dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends nodejs npm; }
	npm ci --no-audit --no-fund --prefix crates/integration-tests/tests/report

test-report: browser ## The HTML report in a real browser (headless Chromium), over sets of 6, 68 and 240 cases
	$(CARGO) test -p integration-tests --test report -- --ignored --nocapture

# Prometheus' parser by pip, into a folder of its own.
test-browser: browser ## The dashboard in headless Chromium, and its metrics in Prometheus' own parser
	@python3 -m venv target/python || { apt-get update -q && apt-get install -qy python3-venv && python3 -m venv target/python; }
	target/python/bin/pip install -q --disable-pip-version-check prometheus-client==0.26.0
	METRICS_PYTHON=$(CURDIR)/target/python/bin/python \
	    $(CARGO) test -p ring-app --test ring -- --ignored --nocapture browser

prove-models: ## The formal models (spin), and that the document's algorithm is refuted
	proofs/models.py

prove-protocols: ## One ordering or step of a protocol broken at a time; a model must kill each (5 minutes)
	proofs/protocol_mutants.py

prove-shuttle: ## 100,000 random schedules of 8 producers on 4 shards (shuttle)
	proofs/shuttle.py

prove-sanitizers: ## Thread, address and leak sanitizer (nightly), and valgrind
	proofs/sanitizers.py

prove-compile-fail: ## What the types rule out does not compile, for the reason given (nightly)
	proofs/compile_fail.py

fuzz: ## The ring against its model, and every parser: make fuzz SECONDS=30 (nightly)
	proofs/fuzz.py --seconds $(or $(SECONDS),30)

prove: ## Every gate, each with its canary; ends with one table (under an hour)
	proofs/prove.py

prove-quick: ## A part of each gate, as CI runs it
	proofs/prove.py --quick

deny: ## Licences, sources and bans of all that is built on (cargo-deny)
	proofs/deny.py

public-api: ## Are the library's public items those kept in docs/public-api.txt? (nightly)
	proofs/public_api.py

public-api-accept: ## Keep the public items that there are now
	proofs/public_api.py --accept

package: ## The library as it would be published: builds, and holds nothing else
	proofs/package.py

test-coverage: ## Line and region coverage of the library: target/coverage/html/index.html
	proofs/coverage.py

# nats-server by apt-get where it is missing.
test-nats: ## The NATS sink and `ring collect` with a real server that is killed (under a minute of tests)
	@test -x /usr/sbin/nats-server || command -v nats-server > /dev/null \
	    || { apt-get update -q && apt-get install -qy --no-install-recommends nats-server; }
	$(CARGO) test --release -p ring-app --features nats --lib -- nats:: cli::
	$(CARGO) test --release -p ring-app --features nats --test nats -- --nocapture --test-threads=2

test-faults: ## Stalls, panics, kills, clocks, full disks, limits, floods (under 10 minutes)
	proofs/faults.py $(ARGS)

test-soak: ## Random operations from a printed seed: make test-soak MINUTES=30
	RING_SOAK_SECONDS=$$(( $(or $(MINUTES),30) * 60 )) RING_STRESS=100 $(CARGO) test --release \
	    -p lock-free-ring --test faults -- --ignored --exact soak --nocapture

test-miri: ## The library's tests under Miri, where a nightly toolchain has it; TEST=close for one file
	proofs/miri.py $(TEST)

flakes: ## The tests again and again on an overloaded machine: make flakes ARGS="--rounds 10"
	proofs/flakes.py $(ARGS)

mutants: ## cargo-mutants over the library (half an hour on two idle cores); FILE=wait.rs for one file
	proofs/mutants.py $(if $(FILE),--file $(FILE))

bench: ## The document's 32 cases, then ours beside its algorithm (about 6 minutes)
	$(BENCH) described
	$(BENCH) compared

bench-short: ## The 32 cases, a second each
	$(BENCH) described -- $(SHORT)

bench-datagen: ## The generator's three benchmarks (PATTERN=… for some cases)
	$(CARGO) bench -p data-generator --bench described -- $(PATTERN)

bench-compared: ## Both kinds of shard beside the document's algorithm; PATTERN=… for some cases
	$(BENCH) compared -- $(PATTERN)

bench-cpu: ## A second of each case under perf: target/bench-cpu.data (PATTERN=… for some cases)
	@command -v perf > /dev/null || { echo "perf is missing: install linux-perf (linux-tools)"; exit 2; }
	$(BENCH) described --no-run
	mkdir -p target
	perf record -q -F 999 -o target/bench-cpu.data -- $(BENCH) described -- --profile-time 1 '$(PATTERN)'
	perf report -i target/bench-cpu.data --stdio -q --percent-limit 1 --fields overhead,symbol -w 8,90
	@echo "CPU profile: target/bench-cpu.data; view it with: perf report -i target/bench-cpu.data"

bench-mem: ## Allocations of each case; profile in target/tmp/bench-mem.json (PATTERN=… for some)
	$(BENCH) memory -- $(PATTERN)

bench-pattern: ## The cases that match a regex: make bench-pattern PATTERN='^ReadBatch/'
	@test -n '$(PATTERN)' || { echo "say which: make bench-pattern PATTERN=ReadBatch"; exit 2; }
	$(BENCH) described -- '$(PATTERN)'

bench-falsesharing: ## FalseSharing and FalseSharingContention: counters that share a cache line
	$(BENCH) described -- FalseSharing

bench-padding: ## ShardPadding: how much padding a shard needs
	$(BENCH) described -- ShardPadding

bench-instructions: ## Instructions of write, read and batches, compared with those kept (valgrind)
	proofs/instructions.py $(ARGS)

run-cmd: ## The program for 5 seconds: 4 producers at 10 Mb/s
	$(CARGO) run --release -p ring-app -- -duration=5s

run-cmd-custom: ## The program with flags of yours: make run-cmd-custom ARGS="-producers=8 -rate=50"
	$(CARGO) run --release -p ring-app -- $(ARGS)

lint: ## Clippy, warnings denied
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy -p lock-free-ring --no-default-features -- -D warnings
	$(CARGO) clippy -p lock-free-ring --no-default-features --features async -- -D warnings
	$(CARGO) clippy -p lock-free-ring --all-targets --all-features -- -D warnings
	$(CARGO) clippy -p ring-app --features nats --all-targets -- -D warnings

vet: lint ## As lint

fmt: ## Format
	$(CARGO) fmt --all

fmt-check: ## Is it formatted?
	$(CARGO) fmt --all -- --check

doc: ## Documentation, warnings denied; every public item of the library has an example (nightly)
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc -p lock-free-ring --all-features --no-deps
	proofs/doc_examples.py

tidy: ## Is the lock file up to date?
	$(CARGO) metadata --locked --format-version 1 > /dev/null

check: fmt-check lint doc test ## Format, lints, docs, tests
