# Zhixin needs Python 3.11 or newer and make; everything else is installed into this folder (.venv, .cache, build).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUTF8 := 1

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip install
LOCKED := $(PIP) --require-hashes --requirement

# A stamp says which lock the environment holds: younger than the lock, nothing is done; older, it is installed again.
RUNTIME := $(VENV)/.runtime
PACKAGE := $(VENV)/.package
DEVELOPMENT := $(VENV)/.development

UV := .cache/uv/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header $(UPGRADE)

# How many processes run the tests, and what is handed to pytest: make test ARGS="-k receipt".
WORKERS ?= auto
ARGS ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(RUNTIME) $(PACKAGE) ## bring up both services with a synthetic province, on 127.0.0.1:8080
	@$(BIN)/zhixin demo

.PHONY: setup
setup: $(DEVELOPMENT) $(PACKAGE) ## install what development and the tests need
	@echo "Ready: $(BIN)/zhixin --help"

.PHONY: test
test: lint ## lint, compare the OpenAPI documents, run every test
	@echo "Comparing openapi/ with the routes"
	@$(BIN)/zhixin openapi --check
	@$(PYTHON) -c "$$ANNOUNCE_DATABASES"
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

.PHONY: lint
lint: setup ## style, types and the direction of imports
	@echo "Checking style, types and imports"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted; 'make format' does it:"; $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: setup ## repair what the style rules can repair
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

.PHONY: openapi
openapi: setup ## write openapi/credit.json and openapi/exchange.json from the routes
	@$(BIN)/zhixin openapi

.PHONY: bench
bench: setup ## measure each budget beside its limit (SCALE=0.02 for a short form)
	@$(PYTHON) -m tests.benchmarks

.PHONY: lock
lock: $(UV) ## lock versions and hashes again (UPGRADE=--upgrade for the newest)
	@$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.lock
	@$(COMPILE) pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock
	@printf 'hatchling\neditables\n' | $(COMPILE) - --constraint requirements-dev.lock --output-file requirements-build.lock
	@wc -l requirements*.lock

.PHONY: clean
clean: ## remove what was built; keeps the demo's data (.zhixin) and the environment (.venv)
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find services tests migrations -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: clean-demo
clean-demo: ## remove the demo's databases and secrets
	@rm -rf .zhixin

# A name on the PATH proves nothing (version managers leave shims for versions that are absent): each candidate is run.
$(PYTHON):
	@for candidate in $(BASE_PYTHON) python3.13 python3.12 python3.11 python3; do \
	  if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$candidate" --version)"; \
	    exec "$$candidate" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo "Zhixin needs Python 3.11 or newer with its venv module, and found none." >&2; \
	echo "On Debian or Ubuntu: apt-get install python3-venv. Another one: make BASE_PYTHON=/path/to/python3" >&2; \
	exit 1

# install FILE, STAMP: pip's own lines become one count; the stamp is written by success alone.
define install
rm -f $(2); { $(LOCKED) $(1) && touch $(2); } \
  | awk -v total="$$(grep -c == $(1))" -v live="$$([ -t 1 ] && echo yes)" "$$COUNT_PACKAGES"; test -f $(2)
endef

$(RUNTIME): requirements.lock | $(PYTHON)
	@echo "Installing what Zhixin needs (about a minute the first time)"
	@$(call install,requirements.lock,$@)

$(DEVELOPMENT): requirements-dev.lock | $(PYTHON)
	@echo "Installing what Zhixin, its tests and its checks need (about two minutes the first time)"
	@$(call install,requirements-dev.lock,$@)
	@touch $(RUNTIME)

$(PACKAGE): pyproject.toml requirements-build.lock | $(PYTHON)
	@echo "Installing the zhixin command"
	@$(LOCKED) requirements-build.lock --quiet
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(UV): | $(PYTHON)
	@$(PIP) --quiet --target .cache/uv uv

define COUNT_PACKAGES
/^(Collecting|Requirement already satisfied)/ { count++; if (live) { printf "\r  %d of at most %d packages", count, total; fflush() } }
/^(Installing|Successfully installed)/ { if (live) printf "\r"; print "  " $$1 ($$1 == "Installing" ? " the files" : " installed"); fflush() }
END { if (live) printf "\n" }
endef
export COUNT_PACKAGES

define ANNOUNCE_DATABASES
import os
import psycopg
url = os.environ.get("ZHIXIN_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
try:
    with psycopg.connect(url, connect_timeout=3) as connection:
        info = connection.info
        print(f"Testing on SQLite and on PostgreSQL {info.server_version // 10000} at {info.host}:{info.port}", flush=True)
except psycopg.Error:
    print("No PostgreSQL is reachable: testing on SQLite alone. ZHIXIN_TEST_POSTGRES=postgresql://… names one.", flush=True)
endef
export ANNOUNCE_DATABASES
