"""Lets `python -m desk` stand for the `desk` script."""

from desk.cli import main

__all__: list[str] = []

main()
