# The commands of this project. Each makes the environment in .venv first, if it is missing or out of date.

PORT ?= 7860
SHELL := /bin/bash
BIN := .venv/bin
READY := .venv/ready

# The first Python from 3.11 to 3.13; evaluated only when the environment has to be made.
PYTHON = $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
VENV_WORKS = $(shell $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null && echo yes)

.PHONY: chat test test-long check bench rivals lock

chat: $(READY)  ## the chat on 127.0.0.1
	@$(BIN)/qa chat --port $(PORT)

test: $(READY)  ## the tests, without the long ones
	@$(BIN)/python -m pytest

test-long: $(READY)  ## all tests
	@$(BIN)/python -m pytest -m ''

check: $(READY)  ## linter and type checker
	@$(BIN)/ruff check
	@$(BIN)/mypy

bench: $(READY)  ## time and memory
	@$(BIN)/python -m tests.benchmarks

rivals: $(READY)  ## beside other pipelines, which it installs; COLLECTION: a folder in the BEIR layout
	@$(BIN)/python -m tests.benchmarks.rivals $(if $(COLLECTION),"$(COLLECTION)")

# The stamp goes before anything is installed and comes back last, so an environment without one was
# interrupted, and is made anew.
$(READY): requirements.lock pyproject.toml
	$(if $(PYTHON),,$(error No Python 3.11 to 3.13 found: install one, for example python3.12, and run make again))
	$(if $(VENV_WORKS),,$(error $(PYTHON) has no venv module: install it, on Debian `apt-get install python3-venv`, and run make again))
	@echo "Setting up the environment in .venv, once: some minutes, and 2 GB or, with GPU libraries, 6 GB ..."
	@if [ -e $@ ]; then rm $@; else $(PYTHON) -m venv --clear .venv; fi
	@set -o pipefail; total=$$(grep -c '==' requirements.lock); count=0; \
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --progress-bar off -r requirements.lock \
	| while read -r word rest; do case $$word in \
		Collecting|Processing|Requirement) \
			(( ++count % 20 )) || echo "  $$count of $$total packages fetched" ;; \
		Installing) echo "  installing them ..." ;; \
	esac; done
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock: $(READY)  ## requirements.lock anew from pyproject.toml, for Python 3.11 to 3.13 on Linux and macOS
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--group dev --output-file requirements.lock pyproject.toml
	@# torch asks for its GPU libraries itself, where its build uses them.
	@grep -v -E '^(nvidia|cuda|triton)' requirements.lock > requirements.lock.new
	@mv requirements.lock.new requirements.lock
