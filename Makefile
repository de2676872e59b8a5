# The one task file: people and CI call the same names. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.test-tools
ROUNDS ?= 10
FUZZ_S ?= 60

.DEFAULT_GOAL := help
.PHONY: help setup demo docs test attacks lint check bench soak

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(READY)  ## make .venv and install everything, once

$(READY): pyproject.toml constraints.txt scripts/system-packages.sh
	@PYTHON="$(PYTHON)" scripts/system-packages.sh
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: setup  ## release, simulate a class, grade it, show the results
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/demo.sh

docs: setup  ## build the documentation as a site, build/docs/index.html
	@$(BIN)/python -m sphinx -q -W --keep-going -E docs build/docs

$(TOOLS): scripts/system-packages.sh $(READY)
	@scripts/system-packages.sh tests
	@touch $@

# The attacks run before all else and alone: what they do to the clock is theirs to suffer.
test: $(TOOLS) attacks  ## all tests; they also check that generated folders are fresh
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not attacks" --durations=25

attacks: setup  ## grade hundreds of attacks beside honest students
	@$(BIN)/python -m pytest -q tests/attacks

lint: setup  ## ruff, codespell, mypy, and a check of the English
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/python -m tests.prose

check: $(TOOLS) lint  ## the two-minute loop: lint and all tests that are not slow
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not attacks"

bench: setup  ## seconds a submission and a feedback page, the engine's share, stock nbgrader's; the report on a class; the board under load
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.feedback_cost
	@$(BIN)/python -m benchmarks.explanation_cost
	@$(BIN)/python -m benchmarks.report_cost
	@$(BIN)/python -m benchmarks.board_load
	@$(BIN)/python -m benchmarks.board_refusals

soak: $(TOOLS)  ## 100 kills, 40 Ctrl-C, 1,000 mutants, fuzzing; then the tests ROUNDS=10 times
	@KILLS=100 $(BIN)/python -m pytest tests/durability/test_kill.py -q -s
	@PRESSES=40 $(BIN)/python -m pytest tests/durability/test_ctrl_c.py -q
	@ATTACK_ROWS="$$(echo $$(seq 36))" $(BIN)/python -m pytest tests/attacks/test_ordinary_user.py -q
	@SETUPS=1 $(BIN)/python -m pytest tests/autograder/gradescope/test_run.py -q -k environment
	@MUTANTS=1000 $(BIN)/python -m pytest tests/fuzz/test_mutated_notebooks.py -q
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[fuzz]"
	@for target in frames values notebooks; do \
		$(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_S) || exit 1; \
	done
	@KILLS=50 $(BIN)/python -m pytest tests/classroom/web/test_live.py -q -s
	@for round in $$(seq $(ROUNDS)); do \
		echo "soak: round $$round of $(ROUNDS)"; \
		$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not attacks" --hypothesis-seed=$$round || exit 1; \
	done
