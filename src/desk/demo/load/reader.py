"""A file read and checked by a process of its own, beside the one that stores its rows.

Two threads would compute by turns only: with one of them reading, 100,000 tickets took a third
longer.
"""

import errno
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, cast

import orjson

from desk.demo.load.chunks import ahead, few_collections, read_chunks
from desk.demo.load.parse import parse_asset, parse_ticket
from desk.demo.load.report import Report
from desk.demo.load.values import AssetRecord, CommentRecord, TicketRecord

__all__ = ["main", "read_beside"]

PARSERS = {"tickets": parse_ticket, "assets": parse_asset}
BUFFER = 1024 * 1024  # bytes
LENGTH = Struct("!Q")


@contextmanager
def read_beside(path: Path, kind: str, report: Report) -> Iterator[Iterator[list[Any]]]:
    """Give the good records of a file in portions; after the last the report has what was read.

    `kind` is one of `PARSERS`. The process ends with the block. To take the next portion raises
    OSError where the file cannot be read.
    """
    command = [sys.executable, "-P", "-m", "desk.demo.load.reader", kind, str(path)]
    process = subprocess.Popen(command, BUFFER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    with process:
        try:
            yield _received(cast("BinaryIO", process.stdout), REBUILT[kind], report)
        finally:
            process.kill()


def _received(stream: BinaryIO, rebuilt: Callable[..., Any], report: Report) -> Iterator[list[Any]]:
    for frame in ahead(_frames(stream)):
        if frame.startswith(b"["):
            yield [rebuilt(*told) for told in orjson.loads(frame)]
            continue
        said = json.loads(frame)
        if "errno" in said:
            raise OSError(said["errno"], said["strerror"])
        report.read(**said)
        return
    raise OSError(errno.EPIPE, "the process that reads it ended early")


def _frames(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what came whole."""
    while len(head := stream.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        if len(frame := stream.read(length)) < length:
            return
        yield frame


def _ticket(*told: Any) -> TicketRecord:
    *plain, created, due, updated, tags, comments = told
    said = [CommentRecord(author, body, _time(at), is_in) for author, body, at, is_in in comments]
    times = (_time(created), _time(due), _time(updated))
    return TicketRecord._make((*plain, *times, tuple(tags), tuple(said)))


def _asset(*told: Any) -> AssetRecord:
    *plain, bought, warranty, created, updated = told
    days, times = (_day(bought), _day(warranty)), (_time(created), _time(updated))
    return AssetRecord._make((*plain, *days, *times))


def _time(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _day(told: str | None) -> date | None:
    return None if told is None else date.fromisoformat(told)


REBUILT: dict[str, Callable[..., Any]] = {"tickets": _ticket, "assets": _asset}


def main() -> None:
    """Write to standard output portions of records, then the report or an error of the system.

    Each is JSON behind its length, 8 bytes: a list of records as lists, or an object at the end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads along ends this process
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    kind, path = sys.argv[1:]
    report = Report()
    try:
        with few_collections():
            for chunk in read_chunks(Path(path), PARSERS[kind], report):
                _send(orjson.dumps(chunk, default=tuple))
    except OSError as error:
        said = {"errno": error.errno, "strerror": error.strerror}
    else:
        said = report.told()
    _send(json.dumps(said).encode())


def _send(frame: bytes) -> None:
    sys.stdout.buffer.write(LENGTH.pack(len(frame)))
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
