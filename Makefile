# Every target sets the machine up first; `setup.sh` does nothing when that still holds. `make PYTHON=python3.13 test` picks a Python.
export PYTHON
bin := .venv/bin
benches := policy_compile inference one_move moves_in_bulk against_peers audit_in_bulk

.DEFAULT_GOAL := help
.PHONY: help setup suites demo check lint test test-all test-spark bench bench-large lock wheel clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: ## everything this needs, into .venv
	@./setup.sh

demo: setup ## the whole path on the shipped sample company
	$(bin)/merestone demo

lint: setup ## layers, style, types
	$(bin)/lint-imports --no-cache
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy

check: lint ## what to run before a commit: lint, and the tests of the house itself
	$(bin)/pytest -q tests/architecture

suites:
	@./setup.sh tests

test: suites lint ## lint and all tests but the slowest
	$(bin)/pytest --numprocesses auto --dist loadfile -m "not exhaustive"

test-all: suites lint ## lint and all tests
	$(bin)/pytest --numprocesses auto --dist loadfile

test-spark: ## the tests on a cluster of Spark's, with Java and PySpark, which is half a gigabyte
	@./setup.sh spark
	SPARK_LOCAL_IP=127.0.0.1 $(bin)/pytest -m "not exhaustive" tests/spark

bench: setup ## every claim of docs/performance.md on a million moves and accounts, beside what it is compared with
	@failed=; for each in $(benches); do echo "== $$each"; $(bin)/python -m bench.$$each || failed="$$failed $$each"; done; \
	  test -z "$$failed" || { echo "missed:$$failed"; exit 1; }

bench-large: setup ## the same on ten million moves and accounts: an hour, and 5 GB in $TMPDIR
	$(bin)/python -m bench.moves_in_bulk --large
	$(bin)/python -m bench.audit_in_bulk --accounts 10000000

lock: setup ## the newest versions that pyproject.toml allows, into requirements.lock
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(bin)/uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --group dev --output-file requirements.lock pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(bin)/uv pip compile --quiet --upgrade --universal --generate-hashes \
	  --group spark --output-file requirements-spark.lock
	@./setup.sh

wheel: setup ## the wheel, into dist/
	$(bin)/uv build --quiet --no-build-isolation --wheel

clean: ## what setup, tests and builds have left
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
