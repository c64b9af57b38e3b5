# ConvScope: `make serve` opens the dashboard, `make test` checks everything.

PORT ?= 5006
# `make serve SHOW=` starts the server without opening a browser.
SHOW ?= --show
# `make export SITE=folder` builds elsewhere.
SITE ?= site
# `make setup PYTHON=/path/to/python` chooses another interpreter.
PYTHON ?= $(or $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(IS_RECENT)' 2>/dev/null && echo $$python && break; done),python3)
IS_RECENT = import sys; sys.exit(sys.version_info < (3, 11))

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# The packages of the project that exist.
SOURCES := $(wildcard core viz_app static tools benchmarks tests)

# One thread: on a shared machine the threads of a small matrix product only wait for each other.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help setup serve export test test-browser test-export test-python test-cpus test-oldest lint format soak soak-small \
	bench reference verify-torch screenshots clean distclean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(firstword $(MAKEFILE_LIST))

setup: .venv/.dev ## install the dashboard and the developers' tools into .venv

serve: .venv/.app ## open the dashboard (PORT=5006, SHOW= for no browser)
	$(BIN)/panel serve viz_app --address localhost --port $(PORT) $(SHOW)

export: .venv/.export ## build the site without a server into SITE=site, and serve it
	$(BIN)/python -m static.build --out $(SITE)
	$(BIN)/python -m static.serve $(SITE)

test: lint ## lint, then run all tests, those of core also as other processors and NumPys; a small soak
	$(BIN)/python -m tools.ensure_browser
	$(BIN)/python -m tools.ensure_nginx
	$(MAKE) --jobs=2 test-browser test-export test-python test-cpus test-oldest soak-small

test-browser: .venv/.dev ## run the tests of the served page, in real browsers
	$(BIN)/python -m pytest tests/browser -m "not export" --durations=20

test-export: .venv/.dev ## run those of the page without a server
	$(BIN)/python -m pytest tests/browser -m export --durations=20

test-python: .venv/.dev ## run all other tests
	$(BIN)/python -m pytest --ignore=tests/browser --durations=20

test-cpus: .venv/.dev ## run the tests of core as other processors would compute them
	$(BIN)/python -m tools.run_on_other_cpus tests/core -m "not slow"

test-oldest: .venv-oldest/.done ## run the tests of core under the oldest NumPy that is supported
	.venv-oldest/bin/python -m pytest -x -q -p no:cacheprovider tests/core -m "not slow"

lint: .venv/.dev ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(SOURCES)
	$(BIN)/python -m tools.check_javascript

format: .venv/.dev ## format, and mend what can be mended by itself
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

soak: .venv/.dev ## 10 minutes of a class, its lines cut, its server killed; 200,000 odd inputs
	$(BIN)/python -m tools.soak

soak-small: .venv/.dev ## the same with few students and inputs, in two minutes
	$(BIN)/python -m tools.soak --students 8 --seconds 60 --kills 2 --inputs 5000

bench: .venv/.bench ## compare the speed with PyTorch
	$(BIN)/python -m benchmarks.framework

reference: .venv/.bench ## write the reference values of the tests anew, from PyTorch
	$(BIN)/python -m tests.reference.make_reference
	$(BIN)/python -m tests.reference.make_states

verify-torch: .venv/.bench ## compare code that is taken along, and models from PyTorch, with PyTorch
	$(BIN)/python -m pytest tests/reference/verify_from_torch.py tests/reference/verify_torch_files.py -p no:cacheprovider
	$(BIN)/python -m tests.reference.verify_code

screenshots: .venv/.dev ## take the pictures of the documentation anew
	$(BIN)/python -m tools.ensure_browser
	$(BIN)/python -m tools.screenshots

clean: ## delete what tools left behind, but keep .venv
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## delete .venv, .venv-oldest and the tools from npm too
	rm -rf .venv .venv-oldest tools/javascript/node_modules

# The dashboard needs the first stamp only: less to download.
.venv/.app: pyproject.toml constraints.txt
	@$(PYTHON) -c '$(IS_RECENT)' 2>/dev/null || { \
		echo 'ConvScope needs Python 3.11 or newer, which "$(PYTHON)" is not.'; \
		echo 'Install one, then name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python'; \
		exit 1; } >&2
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { \
		echo 'Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv'; \
		exit 1; } >&2
	$(PIP) -c constraints.txt -e .
	@touch $@

.venv/.export: .venv/.app
	$(PIP) -c constraints.txt -e '.[export]'
	@touch $@

.venv/.dev: .venv/.app
	$(PIP) -c constraints.txt -e '.[dev]'
	@touch $@

.venv/.bench: .venv/.dev
	$(PIP) -c constraints.txt -e '.[dev,bench]'
	@touch $@

# The newest NumPy that is supported is that of constraints.txt.
.venv-oldest/.done: .venv/.app constraints-oldest.txt
	$(BIN)/python -m venv --clear .venv-oldest
	$(subst $(BIN),.venv-oldest/bin,$(PIP)) -c constraints.txt pytest hypothesis safetensors
	$(subst $(BIN),.venv-oldest/bin,$(PIP)) --only-binary numpy -r constraints-oldest.txt
	@touch $@
