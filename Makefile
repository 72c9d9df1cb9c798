# PC Billing. `make help` lists what can be done.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES = $(shell $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

.DEFAULT_GOAL := help
# Where nothing may be compiled ahead, each of hundreds of processes compiles the application anew: a second each.
unexport PYTHONDONTWRITEBYTECODE

##@ Use
run: $(VENV)/.ready catalogs ## Start everything; PORT=8080, DATABASE_URL and REDIS_URL replace the embedded servers
	@exec $(BIN)/python run.py

verify: $(VENV)/.ready ## Re-sum all documents and entries; fails on any drift
	@$(BIN)/flask --app run ledger verify

stop: $(VENV)/.ready ## Stop embedded servers that a killed process left behind
	@$(BIN)/python -c "from run import VAR; from app.cli.servers import Servers; Servers(VAR).stop()"

##@ Test
# One more than there are cores, because some tests wait for servers and clocks.
PROCESSES = $(or $(N),$(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$(( cores < 4 ? cores + 1 : 5 ))))
test: $(VENV)/.dev catalogs browser ## Run the suite, in N processes (one more than cores); T=tests/domain runs a part of it, SEED=7 in another order
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --randomly-seed=$(or $(SEED),1) $(T)

test-server: $(VENV)/.dev catalogs browser ## Run tests on servers we did not start: DATABASE_URL (a superuser), REDIS_URL; T=tests/services runs a part
	@[ -n "$$DATABASE_URL" ] && [ -n "$$REDIS_URL" ] || { echo "Set DATABASE_URL to a superuser of PostgreSQL and REDIS_URL; see CONTRIBUTING.md."; exit 1; }
	@$(BIN)/python -m pytest --randomly-seed=$(or $(SEED),1) $(or $(T),tests/services $(wildcard tests/queries) tests/views)

security: $(VENV)/.dev catalogs ## Try every secret a thousand times, from one address and from many
	@$(BIN)/python -m pytest -m security

coverage: $(VENV)/.dev catalogs ## Run tests and list the modules by how much of them ran, the least first; T=tests/services runs a part
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --randomly-seed=$(or $(SEED),1) \
	  --cov=app --cov-branch --cov-report= $(T); failed=$$?; \
	  $(BIN)/python -m coverage report --sort=cover --skip-covered; exit $$failed

mutants: $(VENV)/.dev ## Put SIZE=300 small faults into domain, payments, billing and ledger, one at a time, and list those no test notices; SEED= draws the same again
	@$(BIN)/python -W ignore -m tests.mutants --size $(or $(SIZE),300) $(if $(SEED),--seed $(SEED))

clean-books: $(VENV)/.dev ## Let chance work in a small company and prove its books after each bill run, at each level: RUNS=100
	@BOOKS_RUNS=$(or $(RUNS),100) $(BIN)/python -m pytest -q tests/services/test_clean_books.py

storm: $(VENV)/.dev ## Storm the intake server with repeats, cancellations, forgeries: STORM_PAYMENTS=2000, and 500 bills paid twice: PAIRS=500
	@STORM_PAYMENTS=$(or $(STORM_PAYMENTS),2000) PAIRS=$(or $(PAIRS),500) $(BIN)/python -m pytest -q -s tests/storm

storm-outbox: $(VENV)/.dev ## Send messages over a gateway that delays, doubles, cuts the line and shuffles: MESSAGES=10000
	@MESSAGES=$(or $(MESSAGES),10000) $(BIN)/python -m pytest -q -s tests/storm/test_outbox_storm.py

crash-payments: $(VENV)/.dev ## Kill the intake server, a worker, crediting and PostgreSQL under load, CRASHES=10 times each
	@CRASHES=$(or $(CRASHES),10) $(BIN)/python -m pytest -q -s tests/crash

oracles: $(VENV)/.dev ## Compare the engine with its reference on more accounts, correct more lives and try more examples on the database than the suite does
	@ORACLE_ACCOUNTS=$(or $(ORACLE_ACCOUNTS),2000) ORACLE_LIVES=$(or $(ORACLE_LIVES),100) ORACLE_TIMES=$(or $(ORACLE_TIMES),10) $(BIN)/python -m pytest -q \
	  tests/domain/test_billing.py $(addprefix tests/services/test_,corrections.py payments.py payment_moves.py tenders.py settlement.py metering.py)

crawl: $(VENV)/.dev catalogs ## Send every form and act of every role with other values; bills, sums and old papers must stay: CRAWL_ACCOUNTS=300
	@CRAWL_ACCOUNTS=$(or $(CRAWL_ACCOUNTS),300) CRAWL_ROUNDS=$(or $(CRAWL_ROUNDS),3) CRAWL_PAPERS=$(or $(CRAWL_PAPERS),200) CRAWL_ROLES=99 CRAWL_FIELDS=99 \
	  $(BIN)/python -m pytest -q tests/crawl

check: $(VENV)/.dev catalogs ## Format, lint of code and templates, types, layers, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/djlint --lint --quiet app/templates
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

matrix: $(VENV)/.dev catalogs ## Write down who may open what, for review: the difference is what changed
	@WRITE_MATRIX=1 $(BIN)/python -m pytest -q tests/access/test_matrix.py; git diff --stat -- tests/access/access_matrix.csv

whole-walk: $(VENV)/.dev catalogs browser ## Walk all that the suite draws from, by SEED: who may open what, odd input, translations, screens, what is masked, headers
	@WHOLE_WALK=1 $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --randomly-seed=$(or $(SEED),1) \
	  tests/access tests/browser/test_pages.py tests/browser/test_policy.py \
	  $(addprefix tests/views/test_,personal_data.py headers.py bad_input.py list_engine.py)

audit-proof: $(VENV)/.dev ## Tamper with 100,000 audit rows at 200 places in every way; each must be named (about half an hour)
	@AUDIT_PROOF_ROWS=100000 AUDIT_PROOF_PLACES=200 $(BIN)/python -m pytest -q tests/services/test_audit_chain.py

bench-printing: $(VENV)/.dev catalogs ## How fast bills are printed; BILLS=10000
	@$(BIN)/python -W ignore bench/printing.py --bills $(or $(BILLS),10000)

bench-billing: $(VENV)/.ready ## Measure a bill run against the plain COPY of its rows and an ORM loop: ACCOUNTS=100000 HISTORY=12
	@HISTORY="$(or $(HISTORY),12)" $(BIN)/python -m bench.billing $(or $(ACCOUNTS),100000)

bench-billing-curve: $(VENV)/.ready ## Show that an account costs the same in a small and a large country: SIZES="100000 1000000" HISTORY="12 36"
	@HISTORY="$(or $(HISTORY),12)" $(BIN)/python -m bench.billing curve $(or $(SIZES),100000 1000000)

bench-billing-upkeep: $(VENV)/.ready ## Measure what of a bill run the kept sums and the proof at its end take: ACCOUNTS=100000 HISTORY=12
	@HISTORY="$(or $(HISTORY),12)" $(BIN)/python -W ignore -m bench.billing upkeep $(or $(ACCOUNTS),100000)

bench-intake: $(VENV)/.ready ## Measure the intake of payments against pgbench: SECONDS=10
	@command -v wrk >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get install -y -q wrk >/dev/null; } || echo "wrk is missing"
	@$(BIN)/python -m bench.intake $(or $(SECONDS),10)

bench-payment-file: $(VENV)/.ready ## Measure the loading of a payment file against the plain COPY of its rows: ROWS=1000000
	@$(BIN)/python -m bench.payment_file $(or $(ROWS),1000000)

bench-readings: $(VENV)/.ready ## Measure the taking of a file of devices' readings against its limit of 50,000 rows a second: ROWS=1000000
	@$(BIN)/python -m bench.readings $(or $(ROWS),1000000)

bench-batches: $(VENV)/.dev ## Send readings of unknown devices in batches over HTTP, none lost, against 350 MB: ROWS=1000000 ACCOUNTS=20000
	@ACCOUNTS="$(or $(ACCOUNTS),20000)" $(BIN)/python -W ignore -m bench.batches $(or $(ROWS),1000000)

bench-exchange: $(VENV)/.ready ## Measure the exchange of a meter, on time and entered late: ACCOUNTS=1000000
	@$(BIN)/python -W ignore -m bench.exchange $(or $(ACCOUNTS),1000000)

bench-seals: $(VENV)/.ready ## Measure documents of seals in a register of a million against 30 s: SEALS=100000 KNOWN=1000000
	@KNOWN="$(or $(KNOWN),1000000)" $(BIN)/python -W ignore -m bench.seals $(or $(SEALS),100000)

bench-outbox: $(VENV)/.dev ## Measure how many messages a second leave for a gateway on loopback, against 500: MESSAGES=20000
	@$(BIN)/python -W ignore -m bench.outbox $(or $(MESSAGES),20000)

bench-losses: $(VENV)/.ready ## Measure the arithmetic of network losses against its limit of 50 ms: ELEMENTS=100000
	@$(BIN)/python -m bench.losses $(or $(ELEMENTS),100000)

bench-search: $(VENV)/.ready ## Measure searches as people type, for one district and for the republic: ACCOUNTS=1000000
	@$(BIN)/python -m bench.search $(or $(ACCOUNTS),1000000)

bench-lists: $(VENV)/.ready ## Measure the list of bills under row-level security of a district, a region and the republic: ACCOUNTS=1000000
	@$(BIN)/python -W ignore -m bench.lists $(or $(ACCOUNTS),1000000)

bench-reports: $(VENV)/.ready ## Measure the files of a long report, a row an account, with their memory and their first byte: ROWS=1000000
	@$(BIN)/python -W ignore -m bench.reports $(or $(ROWS),1000000)

bench-home: $(VENV)/.ready ## Measure the home pages of roles, the first time and later: ACCOUNTS=20000
	@$(BIN)/python -W ignore -m bench.home $(or $(ACCOUNTS),20000)

bench-pages: $(VENV)/.ready ## Measure the pages of every role over HTTP, with their weights: ACCOUNTS=1000000 TIMES=11
	@$(BIN)/python -W ignore -m bench.pages $(or $(ACCOUNTS),1000000)

bench-portal: $(VENV)/.ready ## Measure the consumers' portal under wrk: ACCOUNTS=1000000 SECONDS=10
	@$(BIN)/python -W ignore -m bench.portal $(or $(ACCOUNTS),1000000)

format: $(VENV)/.dev ## Bring the code into its format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

browser: ## Install a browser for the browser tests, where that can be done; else they are skipped
	@command -v chromium >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium poppler-utils >/dev/null; } \
	  || echo "no browser: the browser tests will be skipped (install chromium and poppler-utils)"

##@ Develop
wheels: $(VENV)/.ready ## Check that every pinned package has a wheel for each Python and machine we promise
	@for python in 3.11 3.12 3.13 3.14; do for machine in x86_64 aarch64; do \
	  platforms=$$(for tag in 2_34 2_31 2_28 2_27 2_26 2_24 2_17 2_12 2_5; do echo "--platform manylinux_$${tag}_$$machine"; done); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --dry-run --only-binary=:all: --implementation cp --python-version $$python $$platforms \
	    --platform manylinux2014_$$machine --platform manylinux1_$$machine --target var/wheels -r requirements.txt \
	  && echo "Python $$python, $$machine: every package has a wheel" || exit 1; \
	done; done

# The wheels of a package are one for every platform, so that the pins hold on all of them; python-ldap has none and is built from its source.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make requirements"
requirements: $(VENV)/.dev ## Pin what the *.in files ask for, with hashes; UPGRADE="--upgrade" takes newer versions, UPGRADE="--upgrade-package flask" of one
	@$(LOCK) --only-binary :all: $(UPGRADE) requirements.in -o requirements.txt
	@$(LOCK) --only-binary :all: $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	@$(LOCK) --only-binary :all: $(UPGRADE) requirements-oauth.in -o requirements-oauth.txt
	@$(LOCK) $(UPGRADE) requirements-ldap.in -o requirements-ldap.txt
	@git diff --stat -- 'requirements*.txt'

catalogs: $(VENV)/.ready ## Compile the translations that changed
	@for po in translations/*/LC_MESSAGES/*.po; do mo=$${po%.po}.mo; \
	  if [ ! -e $$mo ] || [ $$po -nt $$mo ]; then $(BIN)/pybabel -q compile -i $$po -o $$mo; fi; done

glossary: $(VENV)/.ready ## Write docs/GLOSSARY.md from docs/glossary.toml
	@$(BIN)/python -m tests.glossary

messages: $(VENV)/.ready ## Collect the texts of the code and of the frameworks, and update every language
	@mkdir -p var
	@$(BIN)/pybabel -q extract -F babel.cfg -k _ -k _l -k lazy_gettext -k catalog_text --no-location --sort-output --omit-header -o var/messages.pot \
	  app $(PACKAGES)/flask_appbuilder $(PACKAGES)/wtforms
	@$(BIN)/pybabel -q extract -F babel.cfg -k _gettext -k _lgettext:1 -k _ngettext:1,2 --no-location --sort-output --omit-header \
	  --ignore-dirs=".* _* file" \
	  -o var/admin.pot $(PACKAGES)/flask_admin
	@for language in uz uz_Cyrl ru kaa; do for domain in messages admin; do \
	  po=translations/$$language/LC_MESSAGES/$$domain.po; verb=$$([ -e $$po ] && echo update || echo init); \
	  $(BIN)/pybabel -q $$verb -D $$domain -i var/$$domain.pot -d translations -l $$language $$([ $$verb = update ] && echo "--no-fuzzy-matching --ignore-obsolete"); \
	  done; done

revision: $(VENV)/.dev ## Write a schema revision from the models: m="what changes"
	@$(BIN)/flask --app run schema revise "$(m)" && $(BIN)/ruff check -q --fix app/schema/versions && $(BIN)/ruff format -q app/schema/versions

assets: ## Fetch the front-end packages again and copy what pages use
	npm install --prefix var/npm bootstrap@5.3.8 htmx.org@2.0.11 dejavu-fonts-ttf@2.37.3 axe-core@4.14.1 tom-select@2.6.2 @tabler/icons@3.52.0 idb@8.0.4
	cp var/npm/node_modules/bootstrap/dist/css/bootstrap.min.css var/npm/node_modules/bootstrap/dist/js/bootstrap.bundle.min.js app/static/vendor/bootstrap/
	cp var/npm/node_modules/tom-select/dist/js/tom-select.base.min.js var/npm/node_modules/tom-select/dist/css/tom-select.bootstrap5.min.css app/static/vendor/tom-select/
	$(BIN)/python -m tests.icons var/npm/node_modules/@tabler/icons/icons/outline
	sed -i '/sourceMappingURL/d' app/static/vendor/*/*.js app/static/vendor/*/*.css
	cp var/npm/node_modules/htmx.org/dist/htmx.min.js app/static/vendor/htmx/
	cp var/npm/node_modules/idb/build/umd.js app/static/vendor/idb/idb.min.js
	sed -i '/sourceMappingURL/d' app/static/vendor/idb/idb.min.js
	cp var/npm/node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf var/npm/node_modules/dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf app/static/fonts/
	cp var/npm/node_modules/axe-core/axe.min.js tests/browser/vendor/

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# One line a step, with its seconds.
STEP = begun=$$(date +%s); took() { echo "  $$1 ($$(( $$(date +%s) - begun )) s)"; begun=$$(date +%s); }

$(VENV)/.ready: requirements.txt
	@echo "Installing what is needed into $(VENV):"
	@$(STEP); $(PYTHON) -m venv $(VENV) 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } \
	  || { echo "$(PYTHON) cannot make a virtual environment: install python3-venv"; exit 1; }; \
	took "virtual environment made"; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: -r requirements.txt || exit 1; \
	took "$$(grep -c '==' requirements.txt) packages installed"
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: -r requirements-dev.txt
	@touch $@

.PHONY: clean-books coverage mutants run verify stop wheels requirements test test-server security storm storm-outbox crash-payments crawl matrix audit-proof bench-printing bench-billing bench-billing-curve bench-billing-upkeep bench-batches bench-exchange bench-home bench-intake bench-lists bench-losses bench-outbox bench-pages bench-portal bench-search bench-seals bench-payment-file check format browser catalogs glossary messages revision assets oracles whole-walk help
