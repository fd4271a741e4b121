# Judhur's commands. The first that runs sets up .venv in this folder (scripts/setup); nothing else is touched.
#
#   make serve [PORT=8000] [INDEX=var/index]   set up, index seeds/ if there is no index, serve
#   make test                                  every test
#   make torture                               kills, power cuts, full disks, damage, lost nodes: thousands; more than
#                                              an hour, best as root
#   make check                                 format, lint, types, layers, docs
#   make coverage                              every test, with the lines and branches they miss; fails below the floor
#   make bench DATA=articles.jsonl.gz          the speed figures, beside those of other engines; with wrk, over HTTP too
#   make bench-scale DATA=articles.jsonl.gz    how they grow up to a million articles; goes on where it was stopped
#   make cluster [CLUSTER_PORT=9201] [HEAP=512]
#                                              three OpenSearch nodes on this machine, to try and to test; needs Java
#                                              and Maven
#   make cluster-stop                          end them; their data stay in var/cluster
#   make lexicon [DATA=ant.jsonl.gz]           build the word data again from its sources
#   make lock                                  write the lock files again from pyproject.toml
#   make clean                                 remove .venv and what tools left behind; var/ is kept

PORT ?= $(or $(JUDHUR_PORT),8000)
INDEX ?= $(or $(JUDHUR_INDEX),var/index)
DATA ?=
ARTICLES ?=
CLUSTER_PORT ?= 9201
HEAP ?= 512
# As environment variables they may hold spaces, quotes and Arabic letters.
export PORT INDEX DATA ARTICLES CLUSTER_PORT HEAP

RUNTIME := .venv/.runtime
DEV := .venv/.dev
BIN := .venv/bin

# Several files or folders have colons between them, as in JUDHUR_DATA.
MEASURE = JUDHUR_DATA="$${DATA:-$$JUDHUR_DATA}" $(BIN)/python -m
MEASURED = $(if $(ARTICLES),--articles "$$ARTICLES")
# The peers of the benches, once their lock file is there; a peer that is missing is left out.
PEERS := $(if $(wildcard requirements-bench.lock),.venv/.bench)

# A .venv that was copied or moved here with its checkout would run the code of the other place.
ifneq "$(shell cat .venv/.place 2>/dev/null)" "$(shell pwd -P)"
.PHONY: $(RUNTIME)
endif

.PHONY: serve test torture check coverage bench bench-scale cluster cluster-stop lexicon lock clean

serve: $(RUNTIME)
	@sh scripts/serve

test: $(DEV)
	@$(BIN)/python -m pytest

torture: $(DEV)
	@$(BIN)/python -m pytest -m "torture or not torture" tests/torture tests/index/test_faults.py \
		tests/engines/test_stateful.py tests/cluster

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_docs.py tests/test_claims.py

coverage: $(DEV)
	@$(BIN)/coverage run -m pytest
	@$(BIN)/coverage report --include='*/engines/opensearch/*' --omit=none --fail-under=0
	@$(BIN)/coverage report

bench: $(DEV) $(PEERS)
	@$(MEASURE) bench.speed $(MEASURED)

bench-scale: $(DEV) $(PEERS)
	@$(MEASURE) bench.speed.scale $(MEASURED)

cluster: $(RUNTIME)
	@$(BIN)/python -m scripts.cluster start --port "$$CLUSTER_PORT" --heap "$$HEAP"

cluster-stop: $(RUNTIME)
	@$(BIN)/python -m scripts.cluster stop

lexicon: $(DEV)
	@sh scripts/lexicon "$$DATA"

lock: $(RUNTIME)
	@sh scripts/lock

clean:
	rm -rf .venv build *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(RUNTIME): requirements.lock pyproject.toml scripts/setup
	@sh scripts/setup runtime

.venv/.bench: requirements-bench.lock scripts/setup $(DEV)
	@sh scripts/setup bench

$(DEV): requirements-dev.lock scripts/setup $(RUNTIME)
	@sh scripts/setup dev
