PYTHON := .venv/bin/python
SERVERS := $(PYTHON) -m tests.environment
# What `check --deploy` expects of a production environment; the values are never used to connect.
PRODUCTION := HTTPS_ONLY=1 ALLOWED_HOSTS=feedback.example.org

.PHONY: help run test lint contracts units slow browser bench bench-loop bench-loop-lm attack clean

help:
	@echo 'make run     start everything on this machine: servers, web, writer, worker and beat'
	@echo 'make test    every check and test, with servers of its own'
	@echo 'make lint    the checks that need no server'
	@echo 'make bench   the benchmarks; SIZE=large for the long ones'
	@echo 'make bench-loop   whether the loop improves a model: simulated users, sets, reviews and a student'
	@echo 'make bench-loop-lm   what edits teach a language model; needs packages of its own'
	@echo 'make attack  attack a server of its own and tell what honest clients saw'
	@echo 'make clean   remove what can be made again; your data in .local/ stays'

run: .venv/installed
	@exec $(PYTHON) manage.py up

test: .venv/installed-dev
	@exec $(SERVERS) $(MAKE) --no-print-directory lint contracts units slow browser

lint: .venv/installed-dev
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(PYTHON) .venv/bin/lint-imports

contracts: .venv/installed-dev
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file /dev/null

units: .venv/installed-dev
	$(PYTHON) -m pytest -q -n 2 -m 'not browser and not slow'

slow: .venv/installed-dev
	$(PYTHON) -m pytest -q -m slow

browser: .venv/installed-dev
	$(PYTHON) -m tests.chromium
	$(PYTHON) -m pytest -q -m browser

bench: .venv/installed-bench
	@$(SERVERS) $(PYTHON) -m benchmarks $(SIZE)

bench-loop: .venv/installed-bench
	@$(SERVERS) $(PYTHON) -m benchmarks.loop $(LOOP)

# A language model, which needs packages of its own; without them it says how to install them.
bench-loop-lm: .venv/installed-bench
	@$(SERVERS) $(PYTHON) -m benchmarks.loop.language_model

attack: .venv/installed-dev
	@$(SERVERS) $(PYTHON) -m benchmarks.attack $(ATTACK)

clean:
	rm -rf .venv staticfiles .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.local/*' -prune -exec rm -rf {} +

.venv/installed: requirements.txt
	@sh config/embedded/install.sh $<
	@touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt
	@sh config/embedded/install.sh $^
	@touch .venv/installed $@

# The peers that the benchmarks measure beside.
.venv/installed-bench: requirements.txt requirements-dev.txt benchmarks/requirements.txt
	@sh config/embedded/install.sh $^
	@touch .venv/installed .venv/installed-dev $@
