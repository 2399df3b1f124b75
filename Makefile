# Everything runs from .venv, and every target builds it first. A machine needs
# Python 3.11 or newer (with venv), git and make; nothing else, and no activation.

PYTHON ?= $(shell command -v python3.11 >/dev/null 2>&1 && echo python3.11 || echo python3)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := routing models connectors training daemon
SOURCES := $(PACKAGES) tests
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

.PHONY: setup demo test check bench run lock

setup: $(READY)

# The stamp is older than the lock exactly when the lock has changed since.
# Everything is compiled at once, on all cores, because a first start without bytecode costs
# seconds. The lock names all that is needed, so pip need not ask what needs what.
$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Signalbox needs Python 3.11 or newer; '$(PYTHON)' is missing or older."; \
	  echo "Install it, or name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments: its venv and ensurepip modules are missing."; \
	  echo "On Debian and Ubuntu they are the package python3-venv (or python3.11-venv)."; exit 2; }
	@echo "Building $(VENV): once for each change of the lock, about a minute ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-compile --no-deps --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-compile --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib $(SOURCES)
	@touch $@

demo: setup
	@$(BIN)/signalbox demo --once

run: setup
	@$(BIN)/signalbox run

check: setup
	@echo "ruff: style, and the calls that only the clock may make"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "import-linter: which package may know which"
	@$(BIN)/lint-imports --no-cache
	@echo "mypy: types"
	@$(BIN)/mypy

# A file's tests stay together: what they share is made once. One worker more than there are
# cores, because somebody always waits for a disk, a database or a daemon.
test: check
	@$(BIN)/python -m pytest --dist loadfile --numprocesses \
	  $$($(BIN)/python -c 'import os; print(min(5, (os.cpu_count() or 1) + 1))')

bench: setup  # some twenty minutes; QUICK=1: two, to see that all of it works
	@$(BIN)/python -m pytest tests/benchmarks -o addopts=--import-mode=importlib -o timeout=0 \
	  --tb=line $(if $(QUICK),--quick)

# Needs uv on the path (any machine can make the locks; nothing else uses it). The locks
# hold no index address, work on Linux and macOS, x86-64 and ARM, and keep each other's
# versions: what is tested is what is shipped.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header

lock:
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --extra dev --constraints requirements.lock \
	  --output-file requirements-dev.lock
	@echo hatchling | $(COMPILE) - --constraints requirements-dev.lock \
	  --output-file requirements-build.lock
	@echo mlflow | $(COMPILE) - --constraints requirements.lock \
	  --output-file requirements-mlflow.lock
