"""A file read and checked by a process of its own, beside the one that stores its rows.

Two threads would compute by turns only: with one of them reading, 100,000 tickets took half as long
again.
"""

import errno
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, cast

from desk.demo.load.chunks import ahead, few_collections, read_chunks
from desk.demo.load.parse import parse_asset, parse_ticket
from desk.demo.load.report import Report

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
            yield _received(cast("BinaryIO", process.stdout), report)
        finally:
            process.kill()


def _received(stream: BinaryIO, report: Report) -> Iterator[list[Any]]:
    for frame in ahead(_frames(stream)):
        try:
            said = pickle.loads(frame)  # noqa: S301  from `main` below
        except (EOFError, pickle.UnpicklingError):
            break
        if isinstance(said, OSError):
            raise said
        if isinstance(said, Report):
            report.read(said)
            return
        yield said
    raise OSError(errno.EPIPE, "the process that reads it ended early")


def _frames(stream: BinaryIO) -> Iterator[bytes]:
    while head := stream.read(LENGTH.size):
        yield stream.read(*LENGTH.unpack(head))


def main() -> None:
    """Write portions of records, then the report or an OSError, to standard output.

    Each is a pickle behind its length, 8 bytes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads the pickles ends this process
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    kind, path = sys.argv[1:]
    report = Report()
    try:
        with few_collections():
            for chunk in read_chunks(Path(path), PARSERS[kind], report):
                _send(chunk)
    except OSError as error:
        _send(error)
    else:
        _send(report)


def _send(what: list[Any] | OSError | Report) -> None:
    frame = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(LENGTH.pack(len(frame)))
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
