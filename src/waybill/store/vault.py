"""Where finished files are kept: a local folder, or any storage of Django's `STORAGES`."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from django.core.files.storage import storages
from django.core.files.storage.filesystem import FileSystemStorage
from django.core.signals import setting_changed

from waybill import conf, errors
from waybill.store.names import check_key
from waybill.store.spool import storing
from waybill.values import Kept

__all__ = ["CHUNK_BYTES", "Linking", "Listing", "LocalVault", "Vault", "vault"]

CHUNK_BYTES = 256 * 1024


class Vault(Protocol):
    """A place for finished files. Keys come from `store.names` alone."""

    def keep(self, path: Path, kept: Kept) -> None:
        """Store the local file under the key, whole or not at all; the file may be moved away."""

    def read(self, kept: Kept, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `stop`; raises `FileGone` before the first one."""

    def remove(self, kept: Kept) -> None:
        """Leave nothing under the key, uploads begun included; nothing there is fine."""


class Listing(Vault, Protocol):
    """A place that can tell what lies there."""

    def stored(self, before: datetime) -> Iterator[str]:
        """Yield the keys of the files stored before a time."""


@runtime_checkable
class Linking(Vault, Protocol):
    """A place that can give its files out by itself."""

    def link(self, kept: Kept, *, name: str, content_type: str, seconds: int) -> str:
        """Sign an address that gives the file to whoever has it, for so long."""


class LocalVault:
    """A folder of this host. Keeping a file is a rename where the spool is on the same disk."""

    def __init__(self, folder: Path) -> None:
        """Use the folder; it is made when the first file comes."""
        self.folder = folder

    def path(self, kept: Kept) -> Path:
        """Give the place of a file."""
        return self.folder / check_key(kept.key)

    def keep(self, path: Path, kept: Kept) -> None:
        """Move the file in."""
        target = self.path(kept)
        with storing():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._check_folder(kept)
            _move(path, target)
            _sync(target.parent)

    def read(self, kept: Kept, start: int, stop: int) -> Iterator[bytes]:
        """Open now, so that a file removed later is still read to its end."""
        try:
            self._check_folder(kept)
            descriptor = os.open(self.path(kept), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (OSError, errors.StorageDown) as problem:
            raise errors.FileGone(field="file") from problem
        return _Pieces(descriptor, start, stop)

    def remove(self, kept: Kept) -> None:
        """Unlink the file and its folder, if that is empty then."""
        target = self.path(kept)
        with storing():
            self._check_folder(kept)
            target.unlink(missing_ok=True)
            for left in sorted(target.parent.glob(f".{target.name}.*")):
                left.unlink(missing_ok=True)
        try:
            target.parent.rmdir()
        except OSError:
            return

    def stored(self, before: datetime) -> Iterator[str]:
        """Yield the keys of the files stored before a time."""
        for path in self.folder.glob("exports/*/*"):
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < before.timestamp():
                    yield str(path.relative_to(self.folder))

    def _check_folder(self, kept: Kept) -> None:
        """Refuse a folder that somebody replaced by a link to another place."""
        place = Path(kept.key).parent
        if (self.folder / place).resolve() != self.folder.resolve() / place:
            raise errors.StorageDown("a folder of the storage leads elsewhere")


def vault(alias: str) -> Listing:
    """Find the place of that name; the empty name is this host's folder."""
    if not alias:
        return LocalVault(conf.settings().files)
    storage = storages[alias]
    if isinstance(storage, FileSystemStorage):
        return LocalVault(Path(storage.location))
    return _remote(alias)


@cache
def _remote(alias: str) -> Listing:
    from waybill.store.remote import remote

    return remote(storages[alias])


def _forget(*, setting: str, **_: object) -> None:
    if setting == "STORAGES":
        _remote.cache_clear()


setting_changed.connect(_forget)


def _move(path: Path, target: Path) -> None:
    try:
        # A link never replaces and never shows half a file.
        os.link(path, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        part = target.with_name(f".{target.name}.part")
        with path.open("rb") as source, open(part, "xb", opener=_private) as copy:
            shutil.copyfileobj(source, copy, CHUNK_BYTES)
            copy.flush()
            os.fsync(copy.fileno())
        part.rename(target)
    else:
        # What is told to be kept is on the disk; some file systems tell only now that it is full.
        _sync(target)
    path.unlink()


def _private(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o600)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Pieces(Iterator[bytes]):
    """The bytes of an open file. It is closed at their end, or when nobody wants them any more.

    A generator would close it only if it was begun: a client may go before the first byte.
    """

    def __init__(self, descriptor: int, start: int, stop: int) -> None:
        self.descriptor = descriptor
        self.place = start
        self.stop = stop

    def __next__(self) -> bytes:
        piece = b""
        if self.descriptor >= 0:
            wanted = min(CHUNK_BYTES, max(self.stop - self.place, 0))
            piece = os.pread(self.descriptor, wanted, self.place)
        if not piece:
            self.close()
            raise StopIteration
        self.place += len(piece)
        return piece

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1

    __del__ = close
