"""Giving out a kept file: rights, expiry, checksum, ranges (RFC 9110 14), log."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.utils.http import parse_etags

from waybill import conf, errors
from waybill.declare.policy import Person
from waybill.jobs import database, files, log, queries
from waybill.jobs.log import Actor, Line
from waybill.models import ExportFile, ExportJob
from waybill.states import Delivery, Event, Status
from waybill.store.vault import Linking, LocalVault, vault
from waybill.values import Kept

__all__ = ["Asked", "Download", "download", "is_known"]

# One range of bytes, each number below 2 ** 63; the name of a unit is in any case (RFC 9110 14.1).
RANGE = re.compile(r"bytes=(?P<start>\d{0,18})-(?P<stop>\d{0,18})(?<!=-)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request for a file says: its `Range`, `If-Range` and `If-None-Match`, as sent."""

    address: str = ""
    range: str = ""
    if_range: str = ""
    if_none_match: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The answer: a status of 200, 206, 302, 304 or 416, the headers, and the bytes."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


def download(job: ExportJob, *, by: Person, asked: Asked) -> Download:
    """Answer a request for an export's file by a person who may know of the export.

    Raises `DownloadRefused` (403), `WrongMoment` (409, not completed), `FileGone` (410), or
    `FileDamaged` (500: what is stored is not what the receipt says). All of them but the second
    are logged.
    """
    actor = Actor.of(by, asked.address)
    try:
        file = _allowed(job, by)
    except (errors.DownloadRefused, errors.FileGone) as refusal:
        _log(job, Event.REFUSED, actor, code=refusal.code)
        raise
    headers = _headers(file)
    if is_known(headers["ETag"], asked.if_none_match):
        return Download(status=304, headers=headers, chunks=iter(()))
    part = _part(asked, headers["ETag"])
    span = _span(part, file.bytes) if part else (0, file.bytes)
    if span is None:
        unmet = {"Content-Range": f"bytes */{file.bytes}", "Accept-Ranges": "bytes"}
        return Download(status=416, headers=unmet, chunks=iter(()))
    start, stop = span
    if address := _address(file, asked):
        _log(job, Event.DOWNLOAD_STARTED, actor, redirect=True)
        files.count_download(job.pk)
        return _sent_to(address)
    headers["Content-Length"] = str(stop - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.bytes}"
    status = 206 if part else 200
    if asked.head:
        return Download(status=status, headers=headers, chunks=iter(()))
    pieces = _opened(job, file, actor, start, stop)
    _log(job, Event.DOWNLOAD_STARTED, actor, start=start, stop=stop)
    sent = _sent(job, file, actor, pieces, start, stop)
    return Download(status=status, headers=headers, chunks=sent)


def _address(file: ExportFile, asked: Asked) -> str:
    """Sign an address of the storage for a whole file, if the host wants that; else nothing."""
    seconds = conf.settings().redirect_seconds
    place = vault(file.alias)
    if not seconds or asked.head or not isinstance(place, Linking):
        return ""
    return place.link(
        _kept(file), name=file.name, content_type=file.content_type, seconds=min(seconds, 60)
    )


def _sent_to(address: str) -> Download:
    headers = {
        "Location": address,
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Download(status=302, headers=headers, chunks=iter(()))


def _kept(file: ExportFile) -> Kept:
    return Kept(alias=file.alias, key=file.key or "", bytes=file.bytes, sha256=file.sha256)


def _allowed(job: ExportJob, by: Person) -> ExportFile:
    if not queries.may_download(job, by=by):
        raise errors.DownloadRefused(field="export", value=job.pk)
    if job.status not in {Status.COMPLETED, Status.EXPIRED}:
        raise errors.WrongMoment(field="status", value=job.status)
    if job.delivery == Delivery.DIRECT:
        raise errors.NotKept(field="export", value=job.pk)
    if job.status == Status.EXPIRED or job.expires_at <= database.clock():
        raise errors.FileGone(field="export", value=job.pk)
    if job.file is None or job.file.deleted_at is not None:
        raise errors.FileGone(field="export", value=job.pk)
    return job.file


def _headers(file: ExportFile) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    return {
        "Content-Type": file.content_type,
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Content-Length": str(file.bytes),
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        "Digest": f"sha-256={digest}",
        "Repr-Digest": f"sha-256=:{digest}:",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }


def is_known(tag: str, given: str) -> bool:
    """Say whether an `If-None-Match` names the tag: in a list, as a weak one, or by `*`."""
    known = parse_etags(given)
    return "*" in known or tag in {one.removeprefix("W/") for one in known}


def _part(asked: Asked, tag: str) -> re.Match[str] | None:
    """Read the range of bytes that is asked for; None where the whole file is to be sent.

    More ranges than one, and a range for another version, are answered with the whole file.
    """
    found = RANGE.fullmatch(asked.range.replace(" ", ""))
    return None if asked.if_range and asked.if_range != tag else found


def _span(part: re.Match[str], size: int) -> tuple[int, int] | None:
    """Find the bytes of a range as start and end; None where the file has none of them."""
    first, last = part["start"], part["stop"]
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    return (start, stop) if start < stop else None


def _opened(
    job: ExportJob, file: ExportFile, actor: Actor, start: int, stop: int
) -> Iterator[bytes]:
    kept = _kept(file)
    place = vault(file.alias)
    try:
        if isinstance(place, LocalVault):
            _check_local(place, kept)
        return place.read(kept, start, stop)
    except (errors.FileGone, errors.FileDamaged) as problem:
        _log(job, Event.INTEGRITY, actor, code=problem.code)
        raise


type Version = tuple[int, int, int, int]

VERIFIED: dict[Version, str] = {}
VERIFYING: dict[Version, Lock] = {}  # many who ask for a new file at once wait for one reading
REMEMBERED = 1_000


def _check_local(place: LocalVault, kept: Kept) -> None:
    """Hash a local file before its first byte leaves, once for each version of it on the disk."""
    try:
        seen = place.path(kept).stat()
    except OSError as problem:
        raise errors.FileGone(field="file") from problem
    version = (seen.st_dev, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns)
    with VERIFYING.setdefault(version, Lock()):
        if (digest := VERIFIED.get(version)) is None:
            digest = _digest(place.read(kept, 0, seen.st_size))
            if len(VERIFIED) >= REMEMBERED:
                VERIFIED.clear()
            VERIFIED[version] = digest
    VERIFYING.pop(version, None)
    if digest != kept.sha256 or seen.st_size != kept.bytes:
        raise errors.FileDamaged(field="file")


def _digest(pieces: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def _sent(
    job: ExportJob,
    file: ExportFile,
    actor: Actor,
    pieces: Iterator[bytes],
    start: int,
    stop: int,
) -> Iterator[bytes]:
    """Yield the pieces; the last one only after the hash is right and the line is written.

    So nobody has a whole file that is damaged or whose download is not in the log. A local file
    was hashed before its first byte; a second time would cost as much as sending it.
    """
    remote = not isinstance(vault(file.alias), LocalVault)
    hashing = remote and (start, stop) == (0, file.bytes)
    found, count, held = hashlib.sha256(), 0, b""
    for piece in pieces:
        if held:
            yield held
        if hashing:
            found.update(piece)
        count += len(piece)
        held = piece
    if count != stop - start or (hashing and found.hexdigest() != file.sha256):
        _log(job, Event.INTEGRITY, actor, code=errors.FileDamaged.code)
        raise errors.FileDamaged(field="file")
    with database.atomic():
        if stop == file.bytes:
            files.count_download(job.pk)
        _log(job, Event.DOWNLOADED, actor, bytes=count)
    yield held


def _log(job: ExportJob, event: Event, actor: Actor, **details: Any) -> None:
    with database.atomic():
        code = str(details.pop("code", ""))
        log.append(job.pk, Line(event, actor=actor, message=code, details=details))
