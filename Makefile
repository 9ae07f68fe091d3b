# Every target sets up what it needs: a virtual environment in .venv with the package and its tools.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# nbgrader looks for its helpers (alembic, jupyter) on the PATH.
export PATH := $(CURDIR)/$(BIN):$(PATH)

PROXY := .proxy/node_modules/.bin/configurable-http-proxy

.PHONY: demo hub hub-test proxy test quick lint assignments mistakes messages exercises settings docs audit attacks bench lowest pythons clean

$(INSTALLED): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(INSTALLED)  ## Release an assignment, grade a class of real notebooks, show the results
	$(BIN)/python -m grader.devkit.demo

$(PROXY):
	npm install --silent --no-audit --no-fund --prefix .proxy configurable-http-proxy

proxy: $(PROXY)  ## JupyterHub's proxy, from npm

hub: $(INSTALLED) $(PROXY)  ## A JupyterHub with two courses, to click through on 127.0.0.1
	$(BIN)/python -m grader.hub.demo

test: lint  ## Everything that CI runs: lint, types, all tests but those of a hub in a browser
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m 'not hub'

hub-test: $(INSTALLED) $(PROXY)  ## People at a hub's pages in Chromium; as root it makes Unix accounts and removes them
	$(BIN)/python -m pytest -q -m hub tests/hub

quick: $(INSTALLED)  ## The tests that take seconds
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m 'not slow and not answer' tests

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

assignments: $(INSTALLED)  ## Generate assignments/ from solutions/
	$(BIN)/python -m grader.devkit.assignments

mistakes: $(INSTALLED)  ## Observe the known mistakes, for diagnosis by evidence
	$(BIN)/grader mistakes

messages: $(INSTALLED)  ## Collect the texts for students, update and compile the translations
	$(BIN)/grader messages --package

exercises: $(INSTALLED)  ## Write docs/exercises.md
	$(BIN)/python -m grader.devkit.exercises_page

settings: $(INSTALLED)  ## Write docs/settings.md
	$(BIN)/python -m grader.devkit.settings_page

docs: $(INSTALLED)  ## The documentation as a site, in site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

# Changes to try of each exercise's right answers; there are some 14,000, which takes hours.
SAMPLE ?= 150
ASSIGNMENTS := $(notdir $(wildcard solutions/*))

audit: $(INSTALLED)  ## Change right answers and try whether the checks notice; write docs/audit.md (half an hour)
	mkdir -p build/audit
	for name in $(ASSIGNMENTS); do \
	  $(BIN)/grader audit $$name --sample $(SAMPLE) --json build/audit/$$name.json || test $$? = 1 || exit 2; \
	done
	$(BIN)/python -m grader.devkit.audit.page $(ASSIGNMENTS:%=build/audit/%.json)

attacks: $(INSTALLED)  ## Try every attack on this grader and on plain nbgrader, and write docs/attacks.md
	$(BIN)/python -m tests.attacks --write

bench: $(INSTALLED)  ## Throughput against plain nbgrader and Otter, a whole morning, where the time goes, what confinement costs, training against published figures
	$(BIN)/python benchmarks/throughput.py --page docs/benchmarks/throughput.md
	$(BIN)/python benchmarks/morning.py --page docs/benchmarks/morning.md
	$(BIN)/python benchmarks/anatomy.py
	$(BIN)/python benchmarks/confinement.py
	$(BIN)/python benchmarks/naming.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/report.py

# uv can choose the oldest version of everything that is named here, which pip cannot.
LOWEST := .venv-lowest/bin
OLDEST := $(LOWEST)/uv pip install --quiet --python $(LOWEST)/python --resolution lowest-direct -r pyproject.toml
TRY := PATH=$(CURDIR)/$(LOWEST):$$PATH $(LOWEST)/python -m pytest -q

lowest:  ## Install the oldest versions that pyproject.toml admits, some 6 GB, and test them: students' first
	$(PYTHON) -m venv --clear .venv-lowest
	$(LOWEST)/python -m pip install --quiet --disable-pip-version-check uv
	$(OLDEST)
	$(LOWEST)/uv pip install --quiet --python $(LOWEST)/python hypothesis pytest-xdist
	$(LOWEST)/uv pip install --quiet --python $(LOWEST)/python --no-deps -e .
	$(TRY) tests/test_wire.py tests/test_apart.py tests/test_gradients.py tests/test_loops.py tests/test_canvas.py tests/test_datasets.py tests/test_devices.py
	$(TRY) tests/test_installed.py -k plain_package
	$(TRY) grader/checks/02_broadcasting grader/checks/05_cnn/small_cnn
	$(OLDEST) --extra grading --upgrade
	$(TRY) tests/test_selfcheck.py tests/test_operations.py tests/test_grading.py tests/test_nbgrader.py tests/test_report.py

PYTHONS ?= python3.12 python3.13
ON_EACH_PYTHON := tests/test_wire.py tests/test_devices.py tests/test_operations.py tests/test_loops.py tests/test_gradients.py \
	tests/test_selfcheck.py tests/test_sandbox.py tests/test_grading.py grader/checks/02_broadcasting/outer

pythons:  ## Install the newest versions for each other Python that PYTHONS names, and test what depends on it
	for python in $(PYTHONS); do \
		$$python -m venv --clear .venv-python && \
		.venv-python/bin/python -m pip install --quiet --disable-pip-version-check -e '.[grading]' hypothesis pytest-xdist && \
		PATH=$(CURDIR)/.venv-python/bin:$$PATH .venv-python/bin/python -m pytest -q $(ON_EACH_PYTHON) || exit 1; \
	done

clean:
	rm -rf $(VENV) .venv-lowest .venv-python .venv-otter .proxy demo site dist build .mypy_cache .pytest_cache .ruff_cache
