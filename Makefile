# make        set up, build the site, grade the demo class, fill the gradebook
# make test   set up and run the tests
# make help   the other targets
.DELETE_ON_ERROR:
.PHONY: all setup site site-archive pdf demo grades gradebook exercises test test-heavy test-site benchmarks screenshots lint clean help

PYTHON ?= python3
BIN := .venv/bin
STAMPS := _build/stamps
CODE := $(shell find solutions autograder -name '*.py' -o -name '*.toml' -o -path '*/pages/*.html')
BOOK := $(shell find book benchmarks/results experiments/results -type f -not -path '*/__pycache__/*') _config.yml _toc.yml
# The folders under solutions/ that hold a notebook's source of their own name.
ASSIGNMENTS := $(foreach name,$(notdir $(wildcard solutions/*)),$(if $(wildcard solutions/$(name)/$(name).py),$(name)))

# One thread each: with many, small matrices are slower and busy machines far slower.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

all: site grades gradebook
	@echo
	@echo "The site:       _build/html/index.html"
	@echo "The grades:     _build/grades/index.html, and the class at a glance: _build/grades/class.html"
	@echo "The gradebook:  .venv/bin/jupyter lab, then Nbgrader > Formgrader in its menu"
	@echo "An exercise:    .venv/bin/jupyter lab exercises/gru_cell/gru_cell.ipynb"

setup: .venv/ready

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (some minutes, once)"
	@$(PYTHON) -m venv .venv || { echo "No virtual environment could be made. On Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt || \
	  { echo "The requirements could not be installed; pip says why above. Run make again: it goes on from there."; exit 1; }
	@touch $@

site: $(STAMPS)/site

$(STAMPS)/site: .venv/ready $(BOOK) $(CODE) $(wildcard exercises/*/cases.npz) | $(STAMPS)
	$(BIN)/python book/build.py
	@touch $@

# The site as one file, for a web server elsewhere.
site-archive: site
	$(BIN)/python book/archive.py

# The whole book on paper: printed by Chromium, put together by pypdf.
pdf: site
	$(BIN)/python book/pdf.py

demo: $(STAMPS)/demo

$(STAMPS)/demo: .venv/ready $(CODE) $(wildcard exercises/*/*) | $(STAMPS)
	$(BIN)/python -m autograder demo
	@touch $@

grades: $(STAMPS)/grades

# The demo class is our own, so it is graded at whatever level of isolation this machine allows.
$(STAMPS)/grades $(STAMPS)/gradebook: export AUTOGRADER_ISOLATION := weak

$(STAMPS)/grades: $(STAMPS)/demo
	@rm -rf _build/grades
	$(BIN)/python -m autograder grade _build/demo/submitted --out _build/grades
	@touch $@

gradebook: $(STAMPS)/gradebook

# The demo class's gradebook; a class of your own (in submitted/) is yours to grade.  nbgrader takes half a second a
# notebook, so it grades a few of each assignment, for its Formgrader to show; the other grades are entered as they are.
FEW := --student='mistake-0?'
NBGRADER := $(BIN)/python -m nbgrader
$(STAMPS)/gradebook: export CLASS_FOLDER := _build/demo
$(STAMPS)/gradebook: $(STAMPS)/grades $(STAMPS)/exercises nbgrader_config.py
	@rm -f _build/nbgrader.log
	@for name in $(ASSIGNMENTS); do \
	  echo "nbgrader: $$name for a part of the demo class (its log is in _build/nbgrader.log)"; \
	  $(NBGRADER) generate_assignment $$name --force >> _build/nbgrader.log 2>&1 && \
	  $(NBGRADER) autograde $$name --force $(FEW) >> _build/nbgrader.log 2>&1 && \
	  $(NBGRADER) generate_feedback $$name --force $(FEW) >> _build/nbgrader.log 2>&1 || \
	  { tail -n 20 _build/nbgrader.log; echo "nbgrader could not fill the gradebook; its log is _build/nbgrader.log"; exit 1; }; \
	done
	$(BIN)/python -m autograder import-gradebook _build/grades
	@touch $@

# What is committed under exercises/ must be what solutions/ makes.
$(STAMPS)/exercises: .venv/ready $(CODE) $(wildcard exercises/*/*) | $(STAMPS)
	$(BIN)/python -m autograder exercises --check
	@touch $@

exercises: setup
	$(BIN)/python -m autograder exercises

# Most tests wait more than they compute, so some files run side by side; those that look at the clock, or at who dies
# when, have the machine to themselves.
test: all lint
	$(BIN)/python -m pytest -n 3 --dist loadscope -m "not heavy and not site and not alone"
	$(BIN)/python -m pytest -m "alone and not heavy"

# Some minutes more: every hostile notebook of the corpus, at every level of isolation that holds here, and graders,
# workers and submissions that are killed at random moments.
test-heavy: all
	$(BIN)/python -m pytest -m heavy

# Some minutes more: every page by axe at both widths and in both schemes, some by Lighthouse.  On a quiet machine.
test-site: site
	$(BIN)/python -m pytest -m site -s

# The guide's pictures of nbgrader's Formgrader, taken by the test that uses it.
screenshots: setup
	SCREENSHOTS=book/images $(BIN)/python -m pytest -q tests/test_nbgrader.py

# What the book shows of speed.  On a machine that does nothing else; the grades take some minutes, as do the cells.
benchmarks: all
	$(BIN)/python benchmarks/cells.py --out benchmarks/results
	$(BIN)/python benchmarks/grading.py --large 10000 --out benchmarks/results

lint: setup
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . || \
	  { echo "Mend it with: .venv/bin/ruff check --fix . && .venv/bin/ruff format ."; exit 1; }

$(STAMPS):
	@mkdir -p $@

clean:
	rm -rf _build

help:
	@echo "make            set up, build the site, grade the demo class, fill the gradebook"
	@echo "make test       set up and run the tests"
	@echo "make test-heavy attack the grader with the hostile notebooks and kill it at random moments, some minutes more"
	@echo "make test-site  look at the built site from all sides (axe, Lighthouse), some minutes more"
	@echo "make site       the book, into _build/html"
	@echo "make site-archive  the book as one file, _build/gated-site.tar.gz, for a web server elsewhere"
	@echo "make pdf        the book as one PDF, _build/gated.pdf (needs Chromium)"
	@echo "make grades     the demo class, graded into _build/grades"
	@echo "make gradebook  the demo class in nbgrader's gradebook"
	@echo "make exercises  exercises/, from solutions/"
	@echo "make benchmarks what the book shows of speed, measured anew, some minutes on an idle machine"
	@echo "make screenshots  the guide's pictures, taken anew"
	@echo "make lint       ruff"
	@echo "make clean      remove _build (the set-up in .venv stays)"
