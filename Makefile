# Every target sets the machine up first; `setup.sh` does nothing when that still holds. `make PYTHON=python3.13 test` picks a Python.
export PYTHON
bin := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup suites demo check lint test test-all test-spark bench lock wheel clean

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

bench: setup ## how long a pack of 1,000 rules takes to check and compile
	$(bin)/python -m bench.policy_compile

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
