# make book   build the site from a fresh clone     make serve  look at it on this machine
# make test   prove everything                      make lab    open the notebooks in JupyterLab
# make refresh  store new outputs in the notebooks  make lock   compile the locks again
# make clean  remove what was built and installed
.DEFAULT_GOAL := book
.PHONY: book test lint serve lab refresh lock clean

PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11 python,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAGE := _build/stage
SITE := _build/html
JOBS ?= auto

# Absolute, so that kernels and workers find it; one BLAS thread for each of them.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

# One clear line for what most often goes wrong at install; the log keeps the rest.
define install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes -r $(1) >$(VENV)/install.log 2>&1 || { \
	if grep -qiE 'no space left|disk quota' $(VENV)/install.log; then \
		echo "make: no room on disk for the packages of $(1) (about 1 GB): free some and run make again"; \
	elif grep -qiE 'max retries|connection|temporary failure|name resolution|no matching distribution|timed out|network' $(VENV)/install.log; then \
		echo "make: the packages of $(1) could not be fetched: check the network or proxy, then run make again"; \
	else echo "make: installing $(1) failed: $$(grep -m1 -i error $(VENV)/install.log), see $(VENV)/install.log"; fi; \
	exit 1; }
	@touch $@
endef

book: $(VENV)/reader.stamp
	@mkdir -p $(STAGE)
	@rm -f $(STAGE)/failed
	@{ jupyter-book build . -W -n --keep-going --quiet --path-output $(STAGE) 2>&1 >/dev/null \
		|| touch $(STAGE)/failed; } | awk '{gsub(/\033\[[0-9;]*m/, "")} /^Traceback/ {skip = 1} /^Extension error:$$/ {next} \
		!skip {print; fflush()}' >&2
	@if [ -f $(STAGE)/failed ]; then rm -rf $(STAGE)/_build/.doctrees; \
		echo "make: the build failed, see above; the last good site, if any, is untouched"; exit 1; fi
	@rm -rf $(SITE).new $(SITE).old
	@cp -R $(STAGE)/_build/html $(SITE).new
	@if [ -d $(SITE) ]; then mv $(SITE) $(SITE).old; fi
	@mv $(SITE).new $(SITE) && rm -rf $(SITE).old
	@echo "The book is built: open $(SITE)/index.html, or run 'make serve'."

test: $(VENV)/test.stamp book lint
	@python -m pytest --nbval -n $(JOBS) --dist loadscope

lint: $(VENV)/test.stamp
	@ruff check . && ruff format --check .
	@codespell

serve: book
	@echo "http://127.0.0.1:$(PORT)/ (stop with Ctrl+C)"
	@python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

lab: $(VENV)/lab.stamp
	@jupyter lab --notebook-dir=.

refresh: $(VENV)/test.stamp
	@jupyter execute --inplace notebooks/*.ipynb 2>&1 | grep -v 'without encryption'
	@python tests/notebook_hygiene.py notebooks/*.ipynb || true

lock: $(VENV)/test.stamp
	@for name in requirements requirements-test requirements-lab; do \
		uv pip compile $$name.in -o $$name.txt --quiet --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command "make lock" $(LOCK) || exit 1; done

clean:
	@rm -rf _build $(VENV) book/data .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "make: no Python 3.11 or newer found: install one, or name it: make book PYTHON=/path/to/python3"; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "make: $(PYTHON) is missing or older than 3.11: name another one: make book PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "make: $(PYTHON) could not make a virtual environment: no room on disk, or (Debian, Ubuntu) the package python3-venv is missing"; exit 1; }

$(VENV)/reader.stamp: requirements.txt | $(BIN)/python
	$(call install,requirements.txt)

$(VENV)/test.stamp: requirements-test.txt $(VENV)/reader.stamp
	$(call install,requirements-test.txt)

$(VENV)/lab.stamp: requirements-lab.txt $(VENV)/reader.stamp
	$(call install,requirements-lab.txt)
