"""Records in portions."""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desk.demo.load.lines import BrokenFile, read_lines
from desk.demo.load.parse import read_object
from desk.demo.load.report import Report
from desk.demo.load.values import BadLine, Notes

__all__ = ["ahead", "few_collections", "read_chunks", "without_repeats"]

CHUNK_ROWS = 2_000
TURN = 0.0002  # seconds
OBJECTS = 100_000  # more than a portion of records holds
CHUNK_BYTES = 8 * 1024 * 1024  # of lines: a few long texts count as much as many short ones


def read_chunks[R](
    path: Path, parse: Callable[[int, dict[str, Any], Notes], R], report: Report
) -> Iterator[list[R]]:
    """Yield the good records of a file in portions; the report takes bad lines and notes.

    Raises OSError where the file cannot be read.
    """
    chunk: list[R] = []
    size = 0
    try:
        for number, line in read_lines(path):
            report.notes.line = number
            try:
                chunk.append(parse(number, read_object(line, report.notes), report.notes))
            except BadLine as error:
                report.bad.append((number, str(error)))
                continue
            size += len(line or b"")
            if len(chunk) >= CHUNK_ROWS or size >= CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
    except BrokenFile as error:
        report.broken_after = error.args[0] - 1
    if chunk:
        yield chunk


def without_repeats[R](chunk: Sequence[R], key: Callable[[R], str]) -> Iterator[Sequence[R]]:
    """Split where a key comes again: the later line is a change of the earlier one."""
    if len(set(map(key, chunk))) == len(chunk):
        yield chunk
        return
    part: dict[str, R] = {}
    for record in chunk:
        if key(record) in part:
            yield list(part.values())
            part = {}
        part[key(record)] = record
    if part:
        yield list(part.values())


def ahead[T](items: Iterator[T]) -> Iterator[T]:
    """Yield items; while one is used, a thread makes the next."""
    with ThreadPoolExecutor(1) as pool, _quick_turns(), few_collections():
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let the thread that hears from the database go on at once.

    By Python's own 5 ms it would wait so long for the thread that computes, at each answer.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def few_collections() -> Iterator[None]:
    """Look for cycles seldom: records have none, and looking took a seventh of the load."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
