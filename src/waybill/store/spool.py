"""A file while it is being written: local, 0600, locked by its writer, bounded in size."""

import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from uuid import UUID

from waybill import conf, errors

__all__ = ["Spool", "abandoned", "spooled", "storing"]

NAME = re.compile(r"(?P<job>[0-9a-f]{32})\.(?P<fence>\d+)\.[0-9a-f]{32}\.part")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Spool:
    """A sink for bytes. The lock on it goes with the process, so a dead writer's file shows."""

    def __init__(self, path: Path, limit: int) -> None:
        """Make the file; `limit` is how many bytes it may take, 0 for any number."""
        self.path = path
        self.limit = limit
        self.bytes = 0
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        with storing():
            self.descriptor = os.open(path, flags, 0o600)
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def write(self, data: bytes, /) -> int:
        """Take all of the bytes; raises `StorageFull` or `StorageDown`."""
        self.bytes += len(data)
        if self.limit and self.bytes > self.limit:
            raise errors.StorageFull(f"limit={self.limit}")
        left = memoryview(data)
        with storing():
            while left:
                left = left[os.write(self.descriptor, left) :]
        return len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, and remove it unless it was moved away."""
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


@contextmanager
def spooled(job_id: UUID, fence: int) -> Iterator[Spool]:
    """Open the file of one attempt; it is gone after the block unless it was moved."""
    folder = conf.settings().spool
    with storing():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{job_id.hex}.{fence}.{secrets.token_hex(16)}.part"
    with Spool(path, conf.settings().spool_limit_bytes) as spool:
        yield spool


def abandoned() -> Iterator[Path]:
    """Find the files in this host's spool whose writer is dead."""
    folder = conf.settings().spool
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if NAME.fullmatch(path.name) and not _held(path):
            yield path


def _held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


@contextmanager
def storing() -> Iterator[None]:
    """Tell a full disk from one that fails."""
    try:
        yield
    except OSError as problem:
        if problem.errno in FULL:
            raise errors.StorageFull(f"errno={problem.errno}") from problem
        raise errors.StorageDown(f"errno={problem.errno}") from problem
