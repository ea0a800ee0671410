# The two commands: `make demo` and `make test`. Both prepare what they need.
.PHONY: demo test check audit unit bench fuzz torture soak screenshots clean
.DELETE_ON_ERROR:

demo: .make/installed
	.venv/bin/smdr demo $(ARGS)

test: check audit unit

check: .make/test-installed
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

audit: .make/test-installed
	.venv/bin/python scripts/audit.py

unit: .make/test-installed
	scripts/test-servers
	# hundreds of collectors are forked and killed: in a run that has done nothing else
	.venv/bin/pytest tests/crash $(ARGS) || [ $$? -eq 5 ]
	# most of the others wait for servers and browsers: a file to each of two
	.venv/bin/pytest -n 2 --dist loadfile --ignore tests/crash $(ARGS)

bench: .make/test-installed
	.venv/bin/pytest tests/bench --benchmark-enable --benchmark-only $(ARGS)

fuzz: .make/fuzz-installed
	.venv/bin/python tests/fuzz/fuzz_run.py --seconds $(or $(SECONDS),600) $(ARGS)

torture: .make/test-installed
	PYTHONPATH=.:tests:tests/crash .venv/bin/python -m torture $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

# The real daemon under load with every kind of input while things fail, for as long as wanted.
soak: .make/test-installed
	scripts/test-servers
	PYTHONPATH=.:tests:tests/e2e:tests/faults .venv/bin/python tests/soak/soak.py --minutes $(or $(MINUTES),30)

# Pictures of the console's pages in docs/images, of the demonstration.
screenshots: .make/test-installed
	PYTHONPATH=tests/dashboards/web:.:tests .venv/bin/python -m screenshots

.make/venv: scripts/make-venv
	scripts/make-venv
	mkdir -p .make && touch $@

.make/installed: .make/venv pyproject.toml constraints.txt
	.venv/bin/pip install --quiet --constraint constraints.txt --editable .
	touch $@

.make/test-installed: .make/venv pyproject.toml constraints.txt
	.venv/bin/pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch .make/installed $@

.make/fuzz-installed: .make/test-installed
	.venv/bin/pip install --quiet --constraint constraints.txt --editable '.[test,fuzz]'
	touch $@

clean:
	rm -rf .venv .make test-output demo-data
