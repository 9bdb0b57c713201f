# `make run` and `make test` need nothing but Python and this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.PHONY: run test test-postgresql chaos fuzz bench-catalog bench-gallery bench-history bench-polling bench-rows bench-start bench-upload bench-zip lint format clean
.DEFAULT_GOAL := run

run: $(VENV)/installed # start the studio; Ctrl-C stops it
	@exec $(BIN)/python manage.py studio

test: lint # everything that must hold before a change lands
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

test-postgresql: $(VENV)/installed-dev # the tests of what is stored, on the database that TEST_DATABASE_URL names
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not any_database" -k "not sqlite" tests/chaos tests/deploy tests/upkeep tests/processes/test_buying_at_once.py tests/processes/test_caps_at_once.py tests/catalog tests/generations $(ARGS)

chaos: $(VENV)/installed-dev # 300 takes under 1,000 faults, with ARGS="--seed 5" those of an earlier run
	@$(BIN)/python -m tests.chaos $(ARGS)

fuzz: $(VENV)/installed-dev # 10,000 malformed answers of the service
	@FUZZ_ANSWERS=10000 $(BIN)/python -m pytest -s tests/clients/test_fuzzed_answers.py tests/generations/test_fuzzed_answers.py tests/clients/test_hoox_parsing.py tests/catalog/test_sync_survives.py

bench-catalog: $(VENV)/installed # what the catalog's pages cost with 2,000 models
	@$(BIN)/python -m benchmarks.catalog

bench-gallery: $(VENV)/installed-dev # how fast the gallery opens with 2,000 videos
	@$(BIN)/python -m benchmarks.gallery

bench-history: $(VENV)/installed # how long a history of 5,000 generations takes to come in
	@$(BIN)/python -m benchmarks.history

bench-polling: $(VENV)/installed # how soon a finished take can be seen, with 200 under way
	@$(BIN)/python -m benchmarks.polling

bench-rows: $(VENV)/installed # what the gallery's pages cost with a million takes; a PostgreSQL by TEST_DATABASE_URL
	@$(BIN)/python -m benchmarks.rows

bench-start: $(VENV)/installed # how long the studio takes to be ready and to stop
	@$(BIN)/python -m benchmarks.start

bench-upload: $(VENV)/installed # what memory a video of 1 GB costs on its way to the service
	@$(BIN)/python -m benchmarks.upload

bench-zip: $(VENV)/installed-dev # what memory an archive of 200 takes costs
	@$(BIN)/python -m benchmarks.zip

lint: $(VENV)/installed-dev # style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/installed-dev # put the code into its usual shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: # remove what the commands above made, except ./data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/installed: requirements.txt $(VENV)/made
	@echo "Installing what the studio runs on …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt $(VENV)/made
	@echo "Installing what the tests need …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENV)/made:
	@$(PYTHON) -c '$(ENOUGH)' || { echo "Hedra Studio needs Python 3.11 or newer; '$(PYTHON)' is not. Try: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@touch $@
