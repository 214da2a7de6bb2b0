# `make demo` renders the first film and `make test` every behaviour once, each on a machine that
# has only git, make and Python 3.11+: tools/setup.sh does the rest, once.

BIN := .venv/bin
READY := .venv/ready
TOOLS := .venv/tools
ORACLES := .oracles/ready
# What somebody has made in the folder is nobody's concern; without git, everything is looked at.
TRACKED := sh tools/tracked.sh
SETUP := tools/setup.sh tools/pip_install.py pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo check test verify lint fuzz browser docs oracles bench media gallery replay fonts clean

help:  ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' Makefile

demo: $(READY)  ## render the forget gate into media/ as MP4 and GIF
	$(BIN)/lstmviz render forget-gate --quality 720p -o media/forget-gate.mp4 -o media/forget-gate.gif
	@echo
	@echo 'Next: .venv/bin/lstmviz render forget-gate --input "The food was great, but the waiter was rude." -o mine.mp4'

check: lint  ## run the linters and what is quick, while one works
	$(BIN)/python -m pytest -n 2 -q --tier check

test: lint  ## run the linters and the tests: every behaviour once
	$(BIN)/python -m pytest -n 2

verify: browser oracles  ## run everything: every scene in every look, the site, the wheel, Chromium
	$(BIN)/python -m pytest -n 2 --tier verify $(if $(AFTER),--after $(AFTER))

lint: $(TOOLS)  ## run ruff, mypy and codespell, and look at which room imports which
	$(TRACKED) '*.py' '*.ipynb' | xargs -0 $(BIN)/ruff check
	$(TRACKED) '*.py' | xargs -0 $(BIN)/ruff format --check --quiet
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/mypy
	$(TRACKED) | xargs -0 $(BIN)/codespell

fuzz: $(TOOLS)  ## read damaged files of every kind, for SECONDS=60 in all, from SEED=0
	$(BIN)/python tests/fuzz/fuzz.py --seconds $(or $(SECONDS),60) --seed $(or $(SEED),0)

browser: $(TOOLS)  ## look at slides, films and the notebook in a real Chromium, which must be installed
	$(BIN)/python -m pytest tests/browser

docs: $(TOOLS)  ## make the site of docs/ in build/docs, with warnings as errors
	$(BIN)/python -m sphinx -q -n -W --keep-going -d build/doctrees docs build/docs
	@echo Open build/docs/index.html

oracles: $(ORACLES)  ## compare the engine with PyTorch and onnxruntime (downloads both)
	.oracles/bin/python -m pytest tests/oracles

bench: $(ORACLES) $(TOOLS)  ## time the engine against PyTorch, films and GIFs against Manim, wide networks
	.oracles/bin/python benchmarks/engine.py
	$(BIN)/python benchmarks/gif.py
	$(BIN)/python benchmarks/render.py
	$(BIN)/python benchmarks/width.py

media: $(READY)  ## make every story as a film of 720p, and decks of them, into media/
	$(BIN)/lstmviz batch tools/media.toml -o media/films
	@mkdir -p media/decks
	$(BIN)/lstmviz slides $$(sed -n 's/^    "\(.*\)",/\1/p' tools/media.toml) -o media/decks/lstmviz.pptx -o media/decks/lstmviz.html -o media/decks/handout.pdf

gallery: $(TOOLS)  ## make the GIFs that the README shows, of figures that have changed
	$(BIN)/python tools/make_gallery.py

replay: $(TOOLS)  ## compare every frame and word of all films with those of a commit: BASE=main
	$(BIN)/python tools/replay.py --base "$(BASE)" --stories "$(STORIES)"

fonts: $(TOOLS)  ## make the shipped fonts again, from Noto's own
	$(BIN)/python tools/make_fonts.py

clean:  ## remove the environments and caches (films in media/ stay)
	rm -rf .venv .oracles dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find lstmviz scenes tests tools docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): $(SETUP)
	@sh tools/setup.sh $@

$(TOOLS): $(READY)
	@sh tools/setup.sh $@

$(ORACLES): $(SETUP)
	@sh tools/setup.sh $@
