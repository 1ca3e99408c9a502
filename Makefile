# From a bare checkout with Python 3.11+, pip and make:
#   make app      serve the page on http://127.0.0.1:7860
#   make test     run every test, the browser's included
#   make check    lint, types and tests: what CI runs
#   make bench    CTQA beside its peers, measured; writes docs/speed.md (CTQA_DATA: see bench/README.md)
#   make benches  the comparisons that decide CTQA's defaults

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The default encoder alone serves the page; the tests try every model of the registry.
MODELS := bge-small-en-v1.5 e5-small-v2 all-MiniLM-L6-v2 ms-marco-MiniLM-L-12-v2
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: app install test check lint types bench benches audit clean

app: install
	$(BIN)/ctqa build $(if $(wildcard index/catalog.db),,seeds)
	$(BIN)/python app.py

install: $(VENV)/installed
	$(BIN)/ctqa models fetch --quiet

test: install $(VENV)/installed-dev
	bin/need-chromium
	bin/need-qdrant $(VENV)
	$(BIN)/ctqa models fetch --quiet $(MODELS)
	$(BIN)/pytest

check: lint types test

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

bench: install $(VENV)/installed-dev
	$(BIN)/ctqa models fetch --quiet $(MODELS)
	$(BIN)/python -m bench.peers

benches: install $(VENV)/installed-dev
	$(BIN)/ctqa models fetch --quiet $(MODELS)
	$(BIN)/python -m bench

audit: $(VENV)/installed-dev
	$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip

clean:
	rm -rf $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    f"CTQA needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}: make PYTHON=...")'
	@echo "installing CTQA and its libraries into $(VENV): a few minutes, once"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt pip
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[ocr,qdrant,ray]' --group dev
	@touch $@
