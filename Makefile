# make demo and make test need Python 3.11 or later, make and the package index, nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

.PHONY: demo demo-review test check coverage mutation serve bench lock audit sbom clean

demo: $(VENV)/.installed
	@$(BIN)/copytaster archive plan fixtures/archive.jsonl --out demo-out

test: check
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive detector service

demo-review: $(VENV)/.installed-service
	@$(BIN)/python -m service.review.demo fixtures/archive.jsonl

serve: $(VENV)/.installed-service
	$(BIN)/copytaster serve

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/speed.py

# The versions that CI installs (it has no use for the extra bench); run it with the oldest Python that is supported.
lock: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --extra dev --extra cms --extra fuzz --strip-extras --no-emit-index-url --no-emit-find-links --no-header --unsafe-package copytaster \
		--output-file requirements.lock pyproject.toml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "copytaster needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-service: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[service]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# Branches and lines that the tests run, in servers, commands and workers that they start too; not compiled code.
coverage: $(VENV)/.installed-dev
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --cov --cov-report=
	$(BIN)/coverage report --include='detector/*' --fail-under=95
	$(BIN)/coverage report --include='service/*' --fail-under=90

# Small wrong changes to guard, aligner, verdict and store, and how many of them the tests notice. Takes an hour.
mutation: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet mutmut
	$(BIN)/python -m benchmarks.mutation

# Known vulnerabilities of the locked dependencies; asks a public database, and fails when it cannot be reached.
audit: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --strict --disable-pip --no-deps --requirement requirements.lock

# What this is made of, as CycloneDX.
sbom: $(VENV)/.installed-service
	$(BIN)/python -m pip install --quiet cyclonedx-bom
	$(BIN)/cyclonedx-py environment $(VENV) --output-file sbom.json

clean:
	rm -rf $(VENV) demo-out build *.egg-info
