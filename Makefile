# `make demo` and `make test` set up everything they need: a virtual environment in .venv, and for the tests the Debian
# packages of Request Tracker, where this is Debian and you are root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench torture clean

demo: $(VENV)/ready
	$(BIN)/syncd demo

test: lint
	$(BIN)/pytest

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

bench: $(VENV)/ready
	$(BIN)/python -m tests.bench

# Kills and faults by the thousand, for about two hours; the short form first.
torture: $(VENV)/ready
	$(BIN)/pytest -m torture
	$(BIN)/python -m tests.torture --kills 1000
	$(BIN)/python -m tests.torture --kills 50 --desk real

# Debian keeps venv in a package of its own.
$(VENV)/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "syncd needs Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv --clear $(VENV); } || { \
	  echo "cannot make a virtual environment: install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
