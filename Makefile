# Everything starts from two commands: `make run` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
READY := .venv/.ready

.PHONY: run test check bench env lock schema clean

run: $(READY)
	@exec $(BIN)/dengbao up

# Each process of the tests starts servers of its own; a file's tests stay together.
test: $(READY)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dengbao schema --check docs/schema.graphql
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

bench: $(READY)
	$(BIN)/python -m bench

env: $(READY)

# The environment is made anew whenever the locked packages change.
$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or name it with PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11: install a later one, or name it with PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make environments: install its venv package (Debian: apt-get install python3-venv)"; exit 2; }
	@echo "· 正在准备环境 / making the environment (.venv)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.lock \
	  | awk '/^Collecting/ { printf "\r  %d 个包 / packages", ++n; fflush() } /^Installing/ { print "\n  正在安装 / installing"; fflush() }'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv (pip install uv); the lock holds for every platform, with hashes.
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

schema: $(READY)
	$(BIN)/dengbao schema > docs/schema.graphql

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
