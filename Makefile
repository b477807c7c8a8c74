# Every target sets up what it needs; `make demo` and `make test` are all a newcomer types.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
# Test files at a time: much of a test is waiting for processes, brokers and browsers, so one more than there are cores.
JOBS   ?= 3
# ONNX Runtime reports home unless told not to; the box tells it in code, a bare import in a test needs this.
export ORT_DISABLE_TELEMETRY := 1

.PHONY: demo test check quality bench screenshots clean

demo: $(VENV)/.installed
	$(BIN)/vitrina demo $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(JOBS) --dist loadfile

check: $(VENV)/.installed-dev
	$(BIN)/pre-commit run --all-files

quality: $(VENV)/.installed-dev
	$(BIN)/pytest -m quality -s tests/quality

bench: $(VENV)/.installed-dev
	bash benchmarks/run.sh

screenshots: $(VENV)/.installed-dev
	$(BIN)/python docs/screenshots.py

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	bash tests/system-packages.sh
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist out
