"""Run the benchmarks and print their tables: `make bench`, `make bench ARGS="csv lists"`.

A benchmark is a file in this folder with a function `main` that prints a table and can be run by
itself (`python -m benchmarks.NAME`). Each runs in a process of its own, on one database.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import frame

__all__ = ["main", "names"]

FOLDER = Path(__file__).parent


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


def main(wanted: list[str]) -> int:
    """Run those that are wanted, all if none; give 1 if one failed."""
    unknown = set(wanted) - set(names())
    if unknown:
        known = ", ".join(names())
        sys.exit(f"No benchmark is called {', '.join(sorted(unknown))}; there are: {known}.")
    print(frame.machine(), flush=True)
    failed = []
    with frame.database() as url:
        for name in wanted or names():
            print(f"\n## {name}\n", flush=True)
            variables = {**os.environ, "DATABASE_URL": url}
            command = [sys.executable, "-m", f"benchmarks.{name}"]
            if subprocess.run(command, env=variables, check=False).returncode:
                failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
