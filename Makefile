# Everything a contributor does, one word each: `make` lists them.
# Needs Python >= 3.11, git and a package index for pip; the rest is installed into .venv by `make setup`.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PROPOSAL := build/proposal
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run test check format tree bench build lock clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## install notewright and its tools into .venv, exactly as locked
	@:

# uv itself comes from the lock too, by pip, with its hashes. Bytecode is compiled here because start-up
# is 2.5 times slower without, and uv does not do it unasked.
$(READY): locks/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "notewright needs Python 3.11 or newer, and '$(PYTHON)' is not: try 'make setup PYTHON=python3.12'" >&2; exit 1; }
	@printf 'setting up .venv … ' >&2
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@test -x $(BIN)/uv || { awk '/^[^ ]/ {uv = /^uv==/} uv' locks/dev.txt > .venv/uv.txt && \
	  $(BIN)/python -m pip install --quiet --require-hashes --requirement .venv/uv.txt; }
	@UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes locks/dev.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@
	@echo done >&2

run: $(READY) ## prepare a release of this very repository, without model, token or network
	@$(BIN)/notewright release run --dry-run --engine none --output $(PROPOSAL)

test: $(READY) ## run the whole test suite
	@$(BIN)/pytest -n 2

check: $(READY) ## format, lint, types, layers and the tree of docs/architecture.md
	@$(BIN)/ruff format --quiet --check . || { echo "unformatted: run 'make format'" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@report=$$($(BIN)/lint-imports --no-logo) || { echo "$$report" >&2; exit 1; }
	@$(BIN)/python -m tests.house.architecture

format: $(READY) ## format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

tree: $(READY) ## write the tree in docs/architecture.md anew from the code
	@$(BIN)/python -m tests.house.architecture --write

bench: $(READY) ## measure start-up, and the changelog of this repository
	@$(BIN)/python bench/startup.py
	@$(BIN)/python bench/changelog.py --repo .

build: $(READY) ## all steps up to what a runner installs: scripts/build.sh --help tells of each, and of its options
	@scripts/build.sh $(BUILD)

lock: $(READY) ## resolve locks/*.txt anew from pyproject.toml
	@$(COMPILE) --extra github --extra llama --extra mlx --extra ollama --extra openai --extra models --extra dataset --group dev --output-file locks/dev.txt
	@$(COMPILE) --extra github --extra llama --constraint locks/dev.txt --output-file locks/action.txt
	@$(COMPILE) --extra github --extra llama --extra dataset --constraint locks/dev.txt --output-file locks/dataset.txt
	@$(COMPILE) --extra llama --extra models --constraint locks/dev.txt --output-file locks/models.txt
	@echo 'llama-cpp-python>=0.3.16 llguidance>=1 numpy>=2' | tr ' ' '\n' | $(COMPILE:pyproject.toml=-) --constraint locks/dev.txt --output-file locks/llama-cpp.txt
	@echo 'cmake>=3.21 ninja>=1.11 scikit-build-core>=0.9' | tr ' ' '\n' | $(COMPILE:pyproject.toml=-) --constraint locks/dev.txt --output-file locks/llama-cpp-build.txt
	@rm -f $(READY) && echo "locks/ written; 'make setup' installs them" >&2

clean: ## remove everything that was made here
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
