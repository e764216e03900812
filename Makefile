# Two commands do all the set-up of a fresh machine (Python 3.11+, git, make): `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--constraint requirements.lock

.PHONY: demo test browser lint format lock schemas map bench screenshots clean

demo: $(STAMP)
	$(BIN)/gate demo
	PYTHONPATH=tests $(BIN)/python tests/demo_service.py $(ARGS)

test: $(STAMP) browser
	$(BIN)/python -m pytest -n auto -rs $(ARGS)

# Pages are tested in the system's Chromium; where it cannot be installed those tests say so and are skipped.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		timeout 300 sh -c 'apt-get update -qq && apt-get install -y -qq chromium' >/dev/null 2>&1; } || true

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

map: $(STAMP)
	$(BIN)/python tests/architecture_map.py

schemas: $(STAMP)
	$(BIN)/gate schemas policies/schema

lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group test --group lint pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml -o locks/service.lock
	$(LOCK) --group build -o locks/build.lock
	$(LOCK) locks/action.in -o locks/action.lock

# Every page of a sign-off at 390 and 1280 px, to be looked at.
screenshots: $(STAMP) browser
	SCREENSHOTS=$(or $(ARGS),build/screenshots) $(BIN)/python -m pytest -q tests/journeys/test_every_page.py

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(STAMP): pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.7"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(STAMP)
