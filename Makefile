# The commands of the house; `make` alone prints them.
.DEFAULT_GOAL := help
PYTHON ?= python3
RUN := .venv/bin/python -m
export PYTHON

.PHONY: help setup up down status test test-all lint types lock benchmark

help: ## print these lines
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

setup: ## the virtual environment .venv, and nothing else
	@sh scripts/setup.sh dev

up: ## start everything here, with a sample match; PORT=8001 moves it
	@sh scripts/setup.sh run
	@$(RUN) workers.supervisor up

down: ## stop everything; nothing is lost
	@[ ! -x .venv/bin/python ] || $(RUN) workers.supervisor down

status: ## say what runs
	@$(RUN) workers.supervisor status || [ $$? -eq 3 ]

test: setup ## the tests on real servers and a real browser, without the slow ones
	@$(RUN) pytest -q -m "not slow and not gpu"

test-all: setup ## every test
	@$(RUN) pytest -q

lint: setup ## ruff
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .

types: setup ## mypy
	@$(RUN) mypy analysis webapp workers

lock: setup ## pin everything that pyproject.toml asks for, with what that needs
	@sh scripts/lock.sh

benchmark: setup ## measure again what docs/benchmarks shows
	@$(RUN) analysis benchmark
