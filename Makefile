# Aanwezig. On Debian 12: python3, python3-venv, make, git and libcurl4 are enough; everything else is brought by `setup`.
# The tests need npm too; documents as PDF need libpangoft2-1.0-0 and libharfbuzz-subset0.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.PHONY: help setup demo test test-quick fault lint format generate lock bench mutants clean

help:
	@echo "make demo    a small region lives a school year on the real engines, and a page tells what happened"
	@echo "make test    the whole suite, on the real engines"
	@echo "make fault   the long form of the fault suite: ten kills of each service, outages, restarts, a whole demo"
	@echo "make lint    formatting, rules, types, arrows, generated files"
	@echo "make setup   only installs, into $(VENV)"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup
	$(BIN)/aanwezig demo

test: setup
	$(BIN)/pytest

test-quick: setup
	$(BIN)/pytest -m "not engines and not fault and not slow and not long"

fault: setup
	$(BIN)/pytest -m "fault or long" --kills=10

bench: setup
	$(BIN)/python bench/ledger.py
	$(BIN)/python bench/door.py
	$(BIN)/python bench/classify.py

# Which faults in the rules no test notices (docs/mutants.md); ONLY=kinds/light.py,streaks.py takes some files of them.
mutants: setup
	$(BIN)/python tests/mutants $(if $(ONLY),--only $(ONLY))

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m aanwezig.contracts.generate --check
	$(BIN)/aanwezig contract check --quiet
	$(BIN)/python -m aanwezig.intake.published_api --check
	$(BIN)/python -m aanwezig.case_router.published_api --check
	$(BIN)/python -m aanwezig.notifier.published_api --check
	$(BIN)/python -m aanwezig.notifier.published_pages --check

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: setup
	$(BIN)/python -m aanwezig.contracts.generate
	$(BIN)/python -m aanwezig.intake.published_api
	$(BIN)/python -m aanwezig.case_router.published_api
	$(BIN)/python -m aanwezig.notifier.published_api
	$(BIN)/python -m aanwezig.notifier.published_pages

lock: setup
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 --all-extras pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .aanwezig .mypy_cache .ruff_cache .pytest_cache .hypothesis
