# The two commands of the README are `make demo` and `make test`; `make help` explains the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

system-demo:
	@scripts/system-packages demo $(PYTHON)

system-test: system-demo
	@scripts/system-packages test $(PYTHON)

$(VENV)/pyvenv.cfg: | system-demo
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/pyvenv.cfg requirements.lock pyproject.toml
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.run ## .venv with the locked dependencies, nothing else

demo: system-demo $(VENV)/.run ## eight simulated cameras, two sensors, seven rules, one queue, live in the terminal
	$(BIN)/hub demo $(ARGS)

test: system-test $(VENV)/.dev lint ## every test, with the real parts (PostgreSQL, Redis, Valkey, RTSP, MQTT)
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev lint ## the quick check while working: lint, types, layers, tidiness, unit, contract and flow tests
	$(BIN)/python -m pytest tests/test_tidy.py tests/unit tests/contract tests/flow $(ARGS)

lint: $(VENV)/.dev ## ruff (format and rules), mypy strict, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff write the layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: system-test $(VENV)/.dev ## CPU of the hub against the bare floor, and cameras a core
	$(BIN)/python -m bench.spine $(ARGS)

soak: system-test $(VENV)/.dev ## 30 minutes of eight cameras with random faults: memory, threads, descriptors, recovery
	$(BIN)/python -m bench.soak $(ARGS)

chaos: system-test $(VENV)/.dev ## SIGKILL of worker, Valkey, centre and api, ten times each, ids compared afterwards
	$(BIN)/python -m bench.chaos $(ARGS)

pictures: $(VENV)/.dev ## the README's pictures, made from a run of the demo
	$(BIN)/python -m bench.pictures

lock: $(VENV)/.dev ## resolve requirements*.in anew into the lock files
	$(BIN)/pip-compile -q --upgrade --generate-hashes --allow-unsafe --no-header --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock requirements.in
	$(BIN)/pip-compile -q --upgrade --generate-hashes --allow-unsafe --no-header --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements-dev.lock requirements-dev.in

clean: ## remove .venv, caches and run-time data (not the pulled models and clips)
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help system-demo system-test install demo test check lint format bench soak chaos pictures lock clean
