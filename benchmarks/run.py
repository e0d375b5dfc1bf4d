"""Run the benchmarks and print their tables: `make bench`, `make bench ARGS="exports lists"`.

A benchmark is a file in this folder with a function `main` that prints a table and can be run by
itself (`python -m benchmarks.NAME`). Each runs in a process of its own, on one database. `--rows N`
and `--json` are handed on to those that take them; with `--json` one document comes out.
"""

import argparse
import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))  # so that it also runs as a file, not only as a module

from benchmarks import frame  # noqa: E402

__all__ = ["main", "names", "run", "show"]


def names() -> list[str]:
    """Give the benchmarks of this folder."""
    return sorted(
        file.stem
        for file in FOLDER.glob("[a-z]*.py")
        if file != Path(__file__)
        and any(
            isinstance(node, ast.FunctionDef) and node.name == "main"
            for node in ast.parse(file.read_text()).body
        )
    )


def main(arguments: list[str]) -> int:
    """Run those that are named, all if none; give 1 if one failed."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--rows", type=int, help="how many tickets, where a benchmark asks")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(names())):
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(names())}")
    options = ["--rows", str(given.rows)] if given.rows else []
    found: dict[str, Any] = {}
    with frame.database() as url:
        for name in given.names or names():
            found[name] = run(name, options, url) if given.json else show(name, options, url)
    if given.json:
        print(json.dumps({"machine": frame.machine(), "benchmarks": found}, indent=2))
    if failed := [name for name, result in found.items() if result is None]:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def show(name: str, options: list[str], url: str) -> bool | None:
    """Run a benchmark that prints its own table; None says that it failed."""
    print(f"\n## {name}\n", flush=True)
    return True if _start(name, options, url).returncode == 0 else None


def run(name: str, options: list[str], url: str) -> Any:
    """Run a benchmark and give what it found: its JSON, or its table as text where it has none."""
    done = _start(name, [*options, "--json"], url, stdout=subprocess.PIPE)
    if done.returncode:
        return None
    try:
        return json.loads(done.stdout)
    except ValueError:
        return done.stdout


def _start(
    name: str, options: list[str], url: str, **more: Any
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    variables = {**os.environ, "DATABASE_URL": url}
    return subprocess.run(command, env=variables, cwd=FOLDER.parent, check=False, text=True, **more)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
