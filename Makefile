# Everything people and continuous integration run. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
SECONDS_PER_FUZZ_TARGET ?= 60
# What the compiled module is made of; the fuzz targets and the load generator are not part of it.
ENGINE_SOURCES := Cargo.toml Cargo.lock pyproject.toml \
	$(shell find codecs/wire codecs/congestion codecs/forward codecs/engine -name '*.rs' -o -name Cargo.toml)
SDK_TESTS = $(shell find tests/sdk -name '*.test.js' 2>/dev/null)
PYTEST := $(BIN)/python -m pytest
CLIPPY := cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
TEST_RUST := cargo test --locked --workspace --quiet
# Each time; `make test-long` and `make test-thorough` run the others.
USUAL := -m "not long and not thorough"
# They are many and share nothing: one process for each of two cores. Browsers take both for themselves.
SUITES_WITHOUT_BROWSERS := tests/architecture tests/property tests/simulated tests/unit

##@ Use
.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-26s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/.engine ## install into .venv and compile the packet path

.PHONY: run
run: setup ## start the relay on loopback and print two links: practitioner, patient
	@exec $(BIN)/visavis serve --demo

.PHONY: clinic
clinic: setup $(VENV)/.clinic-requirements ## start a relay and an example clinic on loopback and print who may come in
	@exec $(BIN)/python -m examples.clinic demo

##@ Check
.PHONY: test
test: setup test-tools style types test-programs test-sdk ## everything CI checks: lint, types and every suite but the long ones and the variants
	$(PYTEST) --numprocesses 2 --dist loadfile $(USUAL) $(SUITES_WITHOUT_BROWSERS)
	@# Tests of Rust count on real seconds: they are compiled beside the browsers, and run afterwards.
	RUST_PROGRAMS_ARE_BUILT=1 deploy/beside.sh '$(CLIPPY) && $(TEST_RUST) --no-run' \
		$(PYTEST) $(USUAL) tests/endtoend tests/interop
	$(TEST_RUST)

.PHONY: lint
lint: style ## style of Python and Rust
	@deploy/setup/measuring-tools.sh
	$(CLIPPY)

# What needs nothing compiled.
.PHONY: style
style: $(VENV)/.test-requirements
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cargo fmt --all --check

.PHONY: types
types: setup $(VENV)/.test-requirements tests/node_modules/.installed ## mypy --strict, and tsc over the browser SDK
	$(BIN)/mypy
	tests/node_modules/.bin/tsc --project signalling/client
	tests/node_modules/.bin/tsc --project examples/clinic/static

.PHONY: test-rust
test-rust: ## unit and property tests of codecs/
	@deploy/setup/measuring-tools.sh
	$(TEST_RUST)

# A test's own minute is too short to compile them in.
.PHONY: test-programs
test-programs: ## the Rust programs that tests of Python run
	@deploy/setup/measuring-tools.sh
	cargo build --locked --quiet --package loadgen --bin load --bin emulator

.PHONY: test-sdk
test-sdk: tests/node_modules/.installed ## the browser SDK's own tests, in Node
	node --test $(SDK_TESTS)

.PHONY: smoke
smoke: setup test-tools ## one consultation in real browsers (at most a minute)
	$(PYTEST) -m smoke

.PHONY: matrix
matrix: setup test-tools ## every pairing of browsers, pages and bare SDK (at most 15 minutes)
	$(PYTEST) -m "matrix and not thorough"

.PHONY: screenshots
screenshots: test-tools ## pictures of every page and state, for docs/screens (2 minutes)
	$(BIN)/python -m tests.endtoend.screenshots

.PHONY: test-thorough
test-thorough: setup test-tools test-programs ## the variants of browser tests of which `make test` runs one; before a release
	$(PYTEST) -m "thorough and not long"

.PHONY: test-long
test-long: setup test-tools ## long outages and soaks
	$(PYTEST) -m long

.PHONY: fuzz
fuzz: ## every fuzz target for SECONDS_PER_FUZZ_TARGET seconds (60); needs cargo-fuzz
	cd codecs/fuzz && for target in $$(cargo fuzz list --fuzz-dir .); do \
		echo "fuzzing $$target for $(SECONDS_PER_FUZZ_TARGET) s"; \
		mkdir -p "target/found/$$target" "corpus/$$target"; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir . --sanitizer none "$$target" \
			"target/found/$$target" "corpus/$$target" -- \
			-max_total_time=$(SECONDS_PER_FUZZ_TARGET) -verbosity=0 -print_final_stats=1; \
	done

##@ Measure
# A measurement's figures stand in the documents as soon as they are measured, bars that are not met included.
measure = $(BIN)/python -m benchmarks.$(1) $(BENCH_OPTIONS); status=$$?; $(BIN)/python -m benchmarks.page && exit $$status

.PHONY: bench bench-capacity bench-latency bench-joins bench-soak bench-event-loop bench-capacity-unadapted bench-latency-unadapted bench-soak-unadapted bench-peers bench-floor bench-packet-path bench-first-frame bench-memory bench-planner bench-estimator bench-emulator bench-adaptation bench-adaptation-rfc8867 bench-two-party bench-machine bench-waiting bench-outages bench-silences bench-fallback bench-moving bench-webhooks bench-slow-consumers
bench: bench-machine bench-packet-path bench-floor bench-capacity bench-latency bench-joins bench-memory bench-first-frame bench-planner bench-estimator ## every measurement but the soak, the peers, the emulator's and those with browsers over links; results and reports in benchmarks/results
bench-capacity: setup bench-tools ## consultations a core holds, CPU a packet beside the floor, memory (15 minutes)
	$(call measure,capacity)
bench-latency: setup bench-tools ## the delay the relay adds, from 10 to 90 % of its capacity (7 minutes)
	$(call measure,latency)
bench-joins: setup bench-tools ## joins a second, and a burst of them on running consultations (5 minutes)
	$(call measure,joins)
bench-soak: setup bench-tools ## 31 minutes at half capacity: memory, descriptors, loss
	$(call measure,soak)
# The same with pictures that do not follow what paths carry; their results have names of their own.
bench-capacity-unadapted: setup bench-tools ## capacity with media.adaptation = false (10 minutes)
	$(call measure,capacity --no-adaptation)
bench-latency-unadapted: setup bench-tools ## latency with media.adaptation = false (5 minutes)
	$(call measure,latency --no-adaptation)
bench-soak-unadapted: setup bench-tools ## soak with media.adaptation = false
	$(call measure,soak --no-adaptation)
bench-memory: setup $(VENV)/.bench-requirements ## what a participant takes of memory before any media, by stage (2 minutes)
	$(call measure,participant_memory)
bench-peers: setup bench-tools ## the relay beside Janus, which it installs: consultations a core holds, CPU a packet, memory (19 minutes)
	@deploy/setup/peers.sh
	@# A libsrtp with OpenSSL is not always to be had; without it Janus is measured as packaged.
	@openssl=$$(deploy/setup/peers.sh --libsrtp openssl) || openssl=; \
		$(BIN)/python -m benchmarks.peers $${openssl:+--libsrtp-openssl "$$openssl"} $(BENCH_OPTIONS)
	@$(BIN)/python -m benchmarks.page
bench-floor: bench-tools ## what relaying costs this machine at the least (2 minutes)
	$(call measure,floor)
bench-packet-path: bench-tools ## the packet path in memory: nanoseconds by stage, no allocation
	$(call measure,packet_path)
bench-first-frame: setup test-tools bench-tools ## from the click on a link to the first picture, in Chromium
	$(call measure,first_frame)
bench-waiting: setup bench-tools ## ten thousand people in waiting rooms: memory, a core, joins beside them (8 minutes)
	$(call measure,waiting)
bench-outages: setup test-tools bench-tools ## how soon people hear and see each other again after outages, in Chromium; needs root (55 minutes)
	$(call measure,outages)
bench-silences: setup test-tools ## how soon people are told that somebody is not heard or seen, by cause, in Chromium (45 minutes)
	$(call measure,silences)
bench-fallback: setup test-tools ## how soon calls come about, and go on, where UDP is blocked: over TCP and a real coturn, in Chromium and Firefox; needs root (60 minutes)
	$(call measure,fallback)
bench-moving: setup test-tools ## for how long people hear nothing while they go on in another room, on another worker or relay, in Chromium (12 minutes)
	$(call measure,moving)
bench-webhooks: setup bench-tools ## what webhooks that nobody hears add to a join (9 minutes)
	$(call measure,webhooks)
bench-slow-consumers: setup bench-tools ## what people who do not read what they are told add to the others' delay (6 minutes)
	$(call measure,slow_consumers)
bench-machine: setup $(VENV)/.bench-requirements ## how steadily the machine itself runs a program: what no relay on it is better than (under 3 minutes)
	$(call measure,machine_pauses)
bench-planner: setup $(VENV)/.bench-requirements ## the load model beside published figures and a simulation
	$(call measure,planner)
bench-estimator: setup $(VENV)/.bench-requirements ## the bandwidth estimator against 1,000 random links in virtual time, and its cost
	$(call measure,adaptation.estimator)
bench-event-loop: setup $(VENV)/.bench-requirements ## what news of the paths of 1,000 and 4,000 receivers costs the relay's event loop (9 minutes)
	$(call measure,adaptation.event_loop)

bench-emulator: bench-tools ## the link emulator's own accuracy: delay, rate, loss, traces; needs root (7 minutes)
	$(call measure,adaptation.emulator_accuracy)
bench-adaptation: setup test-tools bench-tools ## whole calls over links that change, through the relay and beside it; needs root (75 minutes; --resume goes on)
	$(call measure,adaptation.endtoend)
bench-adaptation-rfc8867: setup test-tools bench-tools ## the same for the cases of RFC 8867, one run of each; needs root (50 minutes)
	$(call measure,adaptation.endtoend --rfc8867)
bench-two-party: setup test-tools bench-tools ## what the encoders of Chromium and Firefox do under limits (9 minutes)
	$(call measure,adaptation.two_party_spike)

.PHONY: capture-feedback
capture-feedback: setup test-tools bench-tools ## what Chromium tells of 24 emulated links, for the tests of the estimator; needs root (15 minutes)
	$(BIN)/python -m benchmarks.adaptation.capture_feedback

.PHONY: bench-tools
bench-tools: $(VENV)/.bench-requirements
	@deploy/setup/measuring-tools.sh
	cargo build --locked --release -p loadgen

##@ Tidy
.PHONY: clean
clean: ## remove what was installed and built here
	rm -rf $(VENV) target tests/node_modules relay/_engine*.so
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# Stamp files: nothing is installed or compiled twice.
$(VENV)/.requirements: requirements.txt requirements-build.txt deploy/setup/python.sh
	deploy/setup/python.sh $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt -r requirements-build.txt
	@touch $@

# The measurements are tested too, so their requirements are among the tests'.
$(VENV)/.test-requirements: requirements-test.txt $(VENV)/.requirements $(VENV)/.bench-requirements
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-test.txt
	@touch $@

$(VENV)/.clinic-requirements: examples/clinic/requirements.txt $(VENV)/.requirements
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r examples/clinic/requirements.txt
	@touch $@

$(VENV)/.bench-requirements: requirements-bench.txt $(VENV)/.requirements
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-bench.txt
	@touch $@

# The first build compiles the cryptography from C and takes a few minutes; cargo shows how far it is.
$(VENV)/.engine: $(ENGINE_SOURCES) $(VENV)/.requirements
	deploy/setup/toolchain.sh
	@echo "Compiling the packet path (a few minutes the first time) …"
	VIRTUAL_ENV=$(CURDIR)/$(VENV) PIP_QUIET=1 $(BIN)/maturin develop --release --locked
	@touch $@

.PHONY: test-tools
test-tools: $(VENV)/.test-requirements $(VENV)/.bench-requirements
	@deploy/setup/test-tools.sh
	@$(MAKE) tests/node_modules/.installed

tests/node_modules/.installed: tests/package.json tests/package-lock.json
	cd tests && npm ci --no-fund --no-audit --loglevel=error
	@touch $@
