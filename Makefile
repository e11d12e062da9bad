# Everything Orrery needs, from a machine that has only Python 3.11+ and make.
# Nothing is installed outside this folder.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
# Processes that share the tests; each takes about a gigabyte of memory.
WORKERS ?= 2

.PHONY: run test test-long test-slow lint format lock examples clean

run: .venv/run.stamp ## simulate the baseline scenario and write its report
	$(BIN)/orrery run

test: .venv/dev.stamp ## the default test suite
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-long: .venv/dev.stamp ## what the default suite leaves out for its length
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -m "long and not slow and not gpu and not network" -n $(WORKERS) --dist worksteal

test-slow: .venv/dev.stamp ## the long tests
	ORRERY_EXAMPLES=200 $(BIN)/python -m pytest -m slow

lint: .venv/dev.stamp ## style, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --project .
	$(BIN)/lint-imports

format: .venv/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/uv.stamp ## resolve the dependencies anew
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.lock pyproject.toml
	$(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

.venv/uv.stamp:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Orrery needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 run")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

.venv/run.stamp: .venv/uv.stamp requirements.lock pyproject.toml
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf .venv build dist
