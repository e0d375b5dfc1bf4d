.PHONY: run test check bench docs lock numbers screenshots

PORT ?= 8000
DESK_DATA_DIR ?= var
export PORT DESK_DATA_DIR
# Where it is set, each of the processes would compile anew whatever it imports: 2.2 s instead of 0.2.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
PARTS := pyproject.toml src/desk/pyproject.toml tools/make-venv

run: .venv/.run
	@exec $(BIN)/desk up --demo

test: .venv/.dev
	$(BIN)/python -m pytest $(ARGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DATABASE_URL=sqlite:// $(BIN)/python -m django makemigrations --check --dry-run --skip-checks --settings desk.settings

bench: .venv/.dev
	$(BIN)/python -m benchmarks.run $(ARGS)

# Their tables and charts; on a machine that does nothing else.
numbers: .venv/.dev
	$(BIN)/python -m benchmarks.exports --charts docs/reference/benchmarks --into README.md --into docs/reference/benchmarks.md $(ARGS)

docs: .venv/.dev
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs build/docs
	@echo "The documentation is in build/docs/index.html"

screenshots: .venv/.dev
	$(BIN)/python tools/screenshots.py

lock:
	./requirements/compile.sh $(ARGS)

.venv/.run: requirements/run.txt $(PARTS)
	@./tools/make-venv run

.venv/.dev: requirements/dev.txt $(PARTS)
	@./tools/make-venv dev
