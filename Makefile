# Everything a person or a machine does with this project. Needs make and Python 3.11 or newer, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first interpreter that is new enough. 3.11 and 3.12 come first: the embedded Redis has wheels for these.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if "$$p" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	command -v "$$p"; break; fi; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Nothing is resolved and nothing is built: each line of the lock is fetched as it is, checked by its hash.
INSTALL := $(PIP) install --quiet --no-deps
LOCKED := $(INSTALL) --only-binary :all: --require-hashes
RUN_STAMP := $(VENV)/.stamp-run
DEV_STAMP := $(VENV)/.stamp-dev
# The engines that the benchmark runs beside us are no part of the product or its gate.
PEERS := .venv-peers
PEERS_STAMP := $(PEERS)/.stamp
PEERS_LOCK := tests/benchmarks/peers/requirements.txt
# Arguments for the command behind a target, as in: make up ARGS="--port 8001 --no-demo"
ARGS ?=
# How many tests run side by side where the tests do not measure time.
WORKERS ?= 2
# Tests start us some two hundred times: where nothing compiled may be kept, each start would compile us anew.
unexport PYTHONDONTWRITEBYTECODE

# timeout(1) is absent on some systems; there each test's own limit has to do.
CEILING = $(if $(shell command -v timeout),timeout --foreground --signal=INT --kill-after=30 $(1))

# What makes the lock; another release of it may write other lines for the same wishes.
UV := uv==0.13.9

# A release that left the lock stays in an older environment and may disagree with what came.
define check_installed
	@found=$$($(PIP) check) || { echo "$$found" >&2; \
	echo "$(VENV) does not fit together. Remove it and run this again." >&2; exit 1; }
endef

# One folder of tests under a ceiling of its own, in seconds. A folder without a test yet (exit 5) is no failure.
define run_tests
	@echo "== $(2) (ceiling $(1) s)"; start=$$(date +%s); \
	$(call CEILING,$(1)) $(BIN)/python -m pytest $(2) $(3) $(ARGS); code=$$?; \
	echo "== $(2): $$(( $$(date +%s) - start )) s"; \
	if [ $$code -eq 124 ]; then echo "$(2) went over its ceiling of $(1) s" >&2; fi; \
	if [ $$code -eq 5 ]; then code=0; fi; exit $$code
endef

.PHONY: up setup setup-dev test lint test-rules test-whole test-architecture test-unit test-integration \
	test-functional test-browser test-faults test-deep bench bench-peers faults screenshots lock help

up: setup  ## Start everything on this machine: database, Redis, web, worker, beat
	@exec $(BIN)/commendo up $(ARGS)

setup: $(RUN_STAMP)  ## Create .venv with the pinned requirements

setup-dev: $(DEV_STAMP)

# pip refuses an editable install together with hashes, and an isolated build would fetch its back end unpinned:
# first everything pinned, the build back end included, then the project itself without dependencies or isolation.
# An environment that an interrupted set-up left without pip, or whose Python has gone, is made afresh.
$(RUN_STAMP): requirements.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
	echo "Commendo needs Python 3.11 or newer, and none was found. Install it, or name it: make up PYTHON=/path/to/python3.11" >&2; \
	exit 1; fi
	@$(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Setting up $(VENV) with $$($(BIN)/python --version) ..."
	@$(LOCKED) -r requirements.txt
	@$(INSTALL) --no-build-isolation -e .
	$(call check_installed)
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	@echo "Adding the tools of the gate to $(VENV) ..."
	@$(LOCKED) -r requirements-dev.txt
	$(call check_installed)
	@touch $@

$(PEERS_STAMP): $(PEERS_LOCK) $(RUN_STAMP)
	@$(BIN)/python -m venv --clear $(PEERS)
	@echo "Setting up $(PEERS) ..."
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
	--require-hashes -r $(PEERS_LOCK)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check check
	@touch $@

test: lint test-rules test-whole test-faults  ## The gate: lint, types, import contracts, tests

# mypy needs one core for most of a minute; the others have the other one meanwhile.
lint: setup-dev
	@$(BIN)/mypy & types=$$!; \
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports; others=$$?; \
	wait $$types && exit $$others

# The ceilings are there against hangs and against nothing else: a busy machine must not fail a healthy run. All of
# them together take at most 90 minutes.
#
# Two runs for what the targets below do one by one: each run imports everything and makes a database anew,
# and the last test of each has one core for itself.
test-rules: setup-dev
	$(call run_tests,600,tests/architecture tests/unit,-n $(WORKERS))

# By group, which is the file where tests share a running installation or a browser (tests/support/sharing.py).
test-whole: setup-dev
	$(call run_tests,4200,tests/integration tests/functional tests/browser,-n $(WORKERS) --dist loadgroup)

test-architecture: setup-dev
	$(call run_tests,360,tests/architecture,-n $(WORKERS))

test-unit: setup-dev
	$(call run_tests,360,tests/unit,-n $(WORKERS))

test-integration: setup-dev
	$(call run_tests,1700,tests/integration,-n $(WORKERS) --dist loadgroup)

test-functional: setup-dev
	$(call run_tests,1900,tests/functional,-n $(WORKERS) --dist loadgroup)

test-browser: setup-dev
	$(call run_tests,780,tests/browser,-n $(WORKERS) --dist loadgroup)

# The few faults that take seconds, on two installations side by side; all of them are `make faults`, alone.
test-faults: setup-dev
	$(call run_tests,400,tests/faults,-n $(WORKERS) --dist loadgroup)

test-deep: lint  ## The gate and the full matrices: faults, fuzzing, oracles; prints coverage
	$(call run_tests,36000,tests/architecture tests/unit tests/integration tests/functional tests/browser tests/faults,-m "" --cov --cov-report=term)

bench: setup-dev  ## Measure, and print each row beside its limit; JSON under .bench/
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-peers: $(PEERS_STAMP)  ## Measure other engines beside us, writing the same facts; JSON under .bench/
	@$(PEERS)/bin/python -m tests.benchmarks.peers $(ARGS)

faults: setup-dev  ## Break things on purpose and print a table of what survived
	$(call run_tests,21600,tests/faults,-m "")

screenshots: setup-dev  ## A picture of every page under .screenshots/
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

# For whoever raises a version in pyproject.toml; needs the network and writes the requirement files anew.
lock:
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet "$(UV)"
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --quiet pyproject.toml --group build --output-file requirements.txt
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --quiet --group dev --constraints requirements.txt --output-file requirements-dev.txt
	$(VENV)/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --quiet pyproject.toml --group peers --constraints requirements.txt --output-file $(PEERS_LOCK)

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
