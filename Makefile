# A plain machine needs Python >= 3.11 with venv and pip, and make. Everything else is set up in .venv.

PYTHON ?= python3
PORT ?= 8000
MICROSOFT_PORT ?= 8100
DEMO_DIR ?= var/demo

VENV := .venv
BIN := $(VENV)/bin
# Branch coverage of consent/ and tenants/ in per cent, both databases together; a gate where REQUIRE_SERVICES=1.
export COVERAGE_GATE := 100

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all bench lint screenshots diagnosis-report lock

help:
	@echo "make demo         the portal beside a simulated Microsoft (PORT, MICROSOFT_PORT, DEMO_DIR move it)"
	@echo "make test         all tests but those that drive a browser, kill processes or measure"
	@echo "make test-all     those too"
	@echo "make lint         every linter"
	@echo "make bench        measurements, one JSON object a line"
	@echo "make screenshots  every page and mail, under var/screenshots/"
	@echo "make diagnosis-report  measures the diagnosis on the pastes in CASES, into docs/diagnosis.md"
	@echo "make setup        only the set-up"
	@echo "make lock         compiles requirements/ anew from pyproject.toml"

demo: $(VENV)/.demo
	@exec env SANDBOX=1 DEBUG=1 ENV_FILE=/dev/null $(BIN)/python manage.py demo \
		--port "$(PORT)" --microsoft-port "$(MICROSOFT_PORT)" --folder "$(DEMO_DIR)"

setup: $(VENV)/.test

test: $(VENV)/.test
	@bash tests/run.sh

test-all: $(VENV)/.test
	@bash tests/run.sh browser faults bench

bench: $(VENV)/.test
	@$(BIN)/python -m tests.bench

lint: $(VENV)/.test
	@bash .ci/lint

screenshots: $(VENV)/.test
	@$(BIN)/python -m tests.browser.screenshots var/screenshots

# Pastes with known answers, one JSON object a line.
CASES ?= ../shared/cases/cases.jsonl

diagnosis-report: $(VENV)/.test
	@$(BIN)/python manage.py diagnosis_report --into docs/diagnosis.md "$(CASES)"

# Set-up. A marker file says which locked set .venv holds, so that the second time costs nothing. What the set-up has to
# say goes to standard error: `make bench` owns standard output.

UV := $(BIN)/uv
UV_VERSION = $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/test.txt)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv and pip are needed: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once." >&2
	@$(PYTHON) -m venv $(VENV) >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) >&2
	@test -x $@ && touch $@

$(VENV)/.test: requirements/test.txt | $(UV)
	@$(UV) pip sync --quiet --python $(BIN)/python requirements/test.txt >&2
	@touch $(VENV)/.demo $@

# The test set holds the demo's; where it is installed it is kept.
$(VENV)/.demo: requirements/demo.txt | $(UV)
	@if [ -e $(VENV)/.test ]; then $(MAKE) --silent $(VENV)/.test; \
	else $(UV) pip sync --quiet --python $(BIN)/python requirements/demo.txt >&2; fi
	@touch $@

# No index address is written down, so that no host gets into the repository.
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml

lock: | $(UV)
	@$(COMPILE) --output-file requirements/base.txt
	@$(COMPILE) --extra demo --output-file requirements/demo.txt
	@$(COMPILE) --extra demo --extra test --output-file requirements/test.txt
