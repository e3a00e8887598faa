# GNU make. Every target is a word from `make help`.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
PYTHON := .venv/bin/python
# Extra words for pytest: make test ARGS="tests/lms -x"
ARGS :=

.PHONY: help demo stop code test sure bench campaigns conformance lock messages run-environment dev-environment browser

help:
	@echo 'make demo         start the simulated consortium and print address and accounts   启动演示系统'
	@echo 'make code who=X   the second-factor code of the demo account X                    显示演示账号的动态口令'
	@echo 'make stop         stop the demo; its data stay                                    停止演示系统（保留数据）'
	@echo 'make test         every test, a real browser included                             运行全部测试'
	@echo 'make sure         format, lint, types, contracts, tests                           全部检查'
	@echo 'make bench        measure speed against the floor                                 性能测量'
	@echo 'make campaigns    faults, load and tampering                                      故障与压力演练'
	@echo 'make conformance  the tests on Debian'\''s PostgreSQL 15                            在 PostgreSQL 15 上测试'
	@echo 'make messages     bring the translations up to date with the code                 更新翻译目录'
	@echo 'make lock         move the pinned versions, on purpose                            更新锁定的依赖版本'

demo: run-environment
	@$(PYTHON) -m demo start

stop: run-environment
	@$(PYTHON) -m demo stop

code: run-environment
	@$(PYTHON) -m flask --app lms people code "$(who)"

test: dev-environment browser
	$(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

sure: dev-environment browser
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

bench: dev-environment
	$(PYTHON) -m bench $(ARGS)

campaigns: dev-environment browser
	$(PYTHON) -m pytest -o python_files='campaign_*.py' $(or $(ARGS),tests/campaigns)

conformance: dev-environment browser
	$(PYTHON) -m tests.conformance $(ARGS)

messages: dev-environment
	$(PYTHON) -m flask --app lms messages update

lock: dev-environment
	$(PYTHON) -m uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements/run.txt
	$(PYTHON) -m uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --constraint requirements/run.txt --extra dev pyproject.toml -o requirements/dev.txt
	$(PYTHON) -m tests.browser --lock

run-environment:
	@deploy/bootstrap.sh run

dev-environment:
	@deploy/bootstrap.sh dev

browser: dev-environment
	@$(PYTHON) -m tests.browser
