# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
JOBS ?= 2

.PHONY: help setup demo test check format lint types imports documents vectors docs fuzz bench image clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(STAMP) ## .venv with the ca-bridge command and everything tests need

$(STAMP): pyproject.toml uv.lock tools/setup.sh tools/uv.txt
	@sh tools/setup.sh $(VENV)
	@touch $(STAMP)

demo: setup ## start the gateway on embedded defaults, validate a sample path, explain the answers
	@$(BIN)/ca-bridge demo

test: setup ## everything: checks, unit, vectors, properties, suites, API; core branch coverage must be 100 %
	@sh tools/setup.sh --servers
	@$(MAKE) --no-print-directory check
	@$(BIN)/pytest -n $(JOBS) --dist worksteal --cov --cov-report= tests
	@$(BIN)/coverage report --include='ca_bridge/core/*' --fail-under=100
	@$(BIN)/coverage report --format=total | sed 's/^/branch coverage of everything: /'

check: setup lint types imports documents ## format, ruff, mypy --strict, import contracts, generated docs

format: setup ## rewrite the code in the house's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: setup
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports

documents: setup
	@$(BIN)/pytest -q tests/architecture

vectors: setup ## rebuild the test PKI byte for byte and compare with what is committed
	@$(BIN)/python certs-test/build.py && $(BIN)/python certs-test/build.py --check && git diff --exit-code -- certs-test

docs: setup ## regenerate docs/reasons.md, docs/refusals.md and docs/openapi.json
	@$(BIN)/python tools/docs.py

fuzz: setup ## atheris on each parser; MINUTES each (10)
	@sh tools/fuzz.sh $(BIN) $${MINUTES:-10}

bench: setup ## every benchmark, ratios printed
	@for b in bench/*.py; do $(BIN)/python $$b || exit 1; done

image: ## build the container image and run its own diagnosis inside (Debian's buildah; no registry asked)
	@sh tools/image.sh

clean: ## remove what was built
	@rm -rf $(VENV) .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
