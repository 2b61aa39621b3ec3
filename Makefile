# The commands of the project. Each works on a fresh clone with Python 3.11 to 3.13, make and git.
# Those that `.venv/bin/storykit --help` lists are its commands under another name; words for one go into ARGS.
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python
STORY  := $(VENV)/bin/storykit
READY  := $(VENV)/.ready
PIP    := $(RUN) -m pip --disable-pip-version-check
# One more than there are cores: of these tests some wait for a build, a server or a pause.
WORKERS = $(shell $(PYTHON) -c 'import os; print(1 + os.cpu_count())')
UV     := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(RUN) -m uv

# Each of the many processes of a build and of the tests would compile some 3,000 modules anew.
unexport PYTHONDONTWRITEBYTECODE

ifeq ($(origin PYTHON),command line)
  OTHER := $(shell test -x $(RUN) && [ "$$($(RUN) -V)" != "$$($(PYTHON) -V)" ] && $(RUN) -V)
  $(if $(OTHER),$(error .venv was made with $(OTHER); remove it first: rm -rf $(VENV)))
endif

.PHONY: help serve site pdf exit test quick check lint preview record refresh report release proof bench lab archives sights lock audit new hooks clean

help:            ## what there is
	@awk -F ':.*##' '/^[a-z]+:.*##/ { print $$1 "\t" $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python %d.%d is not supported; use 3.11, 3.12 or 3.13 (make PYTHON=python3.12 ...)." % v[:2])'
	@echo "Setting up $(VENV): Python's packages as requirements.lock pins them. A minute or two, once." >&2
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@# On a terminal pip shows what it fetches and installs; elsewhere that would be some hundred lines.
	@# uv installs the same in a fraction of the time; where it cannot be had or fails, pip does it.
	@awk '/^[a-z]/ {here = /^uv==/} here' requirements.lock > $(VENV)/uv.lock
	@quiet=--quiet; if [ -t 1 ]; then quiet=; fi; \
	{ $(PIP) install $$quiet --require-hashes -r $(VENV)/uv.lock && \
	$(UV) pip install $$quiet --require-hashes -r requirements.lock && \
	$(UV) pip install $$quiet --no-deps --no-build-isolation -e .; } || \
	{ echo "uv could not install; pip does it, which takes longer." >&2; \
	$(PIP) install $$quiet --require-hashes -r requirements.lock && \
	$(PIP) install $$quiet --no-deps --no-build-isolation -e .; }
	@# What of a chapter is stored does not depend on who saves it (.gitattributes).
	@git config filter.chapter.clean '$(STORY) record --filter' 2>/dev/null || true
	@touch $@
	@echo "$(VENV) is ready: $(STORY) --help lists the commands." >&2

serve: $(READY)  ## build, serve on 127.0.0.1, rebuild on every change
	$(STORY) serve $(value ARGS)

site: $(READY)   ## build to _build/html
	$(STORY) site

pdf: $(READY)    ## print the whole book of the built site to _build/book.pdf
	$(STORY) pdf

exit: $(READY)   ## the way out of Jupyter Book: the same pages by Sphinx alone, compared (after `make site`)
	$(VENV)/bin/jupyter-book config sphinx .
	mkdir -p _build/exit && mv conf.py _build/exit/
	$(RUN) -m sphinx -q -W --keep-going -b html -c _build/exit . _build/exit/html
	$(STORY) inspect _build/exit/html --against _build/html

check: $(READY)  ## check the data, in seconds
	$(STORY) check

lint: $(READY)   ## name every fault of the texts, in seconds
	$(STORY) lint $(value ARGS)

preview: $(READY) ## one page with its values, without a build: ARGS=name
	$(STORY) preview $(value ARGS)

quick: $(READY)  ## what the changed files touch: data, style, tests and chapters, in under two minutes
	$(RUN) tests/quick.py

test: $(READY)   ## everything: style, types, data, units, chapters' facts, the built site in a browser
	$(STORY) check
	$(STORY) lint
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy storykit
	$(RUN) -m codespell_lib
	$(RUN) -m storykit.site.npm test
	$(STORY) browser
	$(RUN) -m pytest -n $(WORKERS) --dist worksteal tests/unit tests/data
	$(RUN) -m pytest -n auto --dist loadscope --nbval-lax --nbval-current-env --nbval-cell-timeout=300 book
	$(STORY) site
	$(RUN) -m pytest -n auto --dist worksteal tests/book tests/site

record: $(READY) ## run the chapters and store their facts (one: ARGS=name)
	$(STORY) record $(value ARGS)

refresh: $(READY) ## fetch new figures from the official sources (one: ARGS=name)
	$(STORY) refresh $(value ARGS)

report: $(READY) ## what the data of the working tree change against the last commit (others: ARGS="--old A --new B")
	$(STORY) report $(value ARGS)

release: $(READY) ## give out the version of the data at hand, as a folder for the site's host
	$(STORY) release

proof: $(READY)  ## write what the tests found out about this commit to data/proof.json, for the page of proofs
	$(STORY) proof

new: $(READY)    ## begin a chapter, claim, source, series, table: ARGS="claim some-id --field made_by=..."
	$(STORY) new $(value ARGS)

hooks: $(READY)  ## check style, types, spelling, stored outputs and data at every commit
	$(RUN) -m pre_commit install

bench: $(READY)  ## measure; prints ratios
	$(RUN) benchmarks/run.py

lab: $(READY)    ## the chapters in JupyterLab, which it installs once
	@$(RUN) -c 'import jupyterlab' 2>/dev/null || \
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-lab.lock
	$(RUN) -m jupyterlab --LabApp.default_url=/lab/tree/book $(value ARGS)

archives: $(READY) ## run every archive as a stranger would, in a fresh environment (after `make site`)
	$(RUN) -m pytest tests/book/test_running_archives.py --every-archive

sights: $(READY) ## look for faults of accessibility in every theme and width, by all rules (after `make site`)
	$(RUN) -m pytest -n auto --dist worksteal tests/site/test_site.py -k axe --every-sight

LOCK := $(RUN) -m uv pip compile pyproject.toml $(value ARGS) --universal --python-version 3.11 --no-emit-index-url --no-header --quiet --generate-hashes

audit: $(READY)  ## ask whether a package of the locks is known to be vulnerable
	$(RUN) -m pip_audit --disable-pip --require-hashes --requirement requirements.lock --requirement requirements-lab.lock
	$(RUN) -m storykit.site.npm audit --audit-level=low

lock: $(READY)   ## write the locks anew from pyproject.toml, requirements.txt and the list of packages from them (ARGS=--upgrade)
	$(LOCK) --extra book --extra test -o requirements.lock
	$(LOCK) --extra lab -c requirements.lock --no-annotate -o requirements-lab.lock
	{ echo '# Everything the project runs on and is tested with, pinned; made by `make lock` from pyproject.toml.'; \
	sed -e '/^ *--hash=/d' -e 's/ \\$$//' requirements.lock; echo '-e .'; } > requirements.tmp && mv requirements.tmp requirements.txt
	$(RUN) supply/sbom.py

clean:           ## remove everything that was built (not .venv and node_modules)
	rm -rf _build
