# `make demo` and `make test` set up everything they need: a virtual environment in .venv, and for the tests the Debian
# packages of Request Tracker, where this is Debian and you are root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
WORKERS ?= 2
NORMAL := not torture

.PHONY: demo test retest lint bench torture walk screenshots deb clean

demo: $(VENV)/installed
	$(BIN)/syncd demo

# Most tests wait, for a kill, a limit or a Request Tracker: side by side, with their databases in memory where that can
# be, they take half as long. Those that measure time have the machine and its disk to themselves.
test: lint
	failed=0; \
	TMPDIR=$(or $(wildcard /dev/shm),/tmp) $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "$(NORMAL) and not alone" || failed=1; \
	$(BIN)/pytest -m "$(NORMAL) and alone" || failed=1; \
	exit $$failed

# What failed in the last `make test`, once more and one after the other.
retest: $(VENV)/ready
	$(BIN)/pytest --last-failed --last-failed-no-failures none -m "$(NORMAL)"

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

# Plays one conversation, and writes tests/walk/WALK.md with pictures of both sides' screens.
walk: $(VENV)/ready
	$(BIN)/python -m tests.walk

# Builds a package for this machine's release of Debian, in dist/.
deb: $(VENV)/ready
	PIP=$(BIN)/pip systemd/debian/build.sh

# Takes pictures of the demo and of the status pages, light and dark, into tests/demo/pictures.
screenshots: $(VENV)/ready
	$(BIN)/python -m tests.demo

# Debian keeps venv in a package of its own.
$(VENV)/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "syncd needs Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv --clear $(VENV); } || { \
	  echo "cannot make a virtual environment: install python3-venv"; exit 1; }
	$(INSTALL) --constraint requirements.lock --editable .
	touch $@

$(VENV)/ready: $(VENV)/installed
	$(INSTALL) --requirement requirements.lock
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
