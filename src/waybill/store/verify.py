"""Is a file what its receipt says? The rows are counted in the file, not only hashed with it."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from lzma import LZMAError
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from waybill import errors
from waybill.store.rows import rows_of
from waybill.store.seal import signed_by_us
from waybill.values import Block

__all__ = [
    "BROKEN",
    "LONGEST_ROW",
    "Verdict",
    "blocks_of",
    "compared",
    "parse_receipt",
    "read_receipt",
    "verify",
]

BLOCK_ROWS = 50_000
READ_BYTES = 1 << 20
LONGEST_ROW = 1 << 26  # bytes, of a file that is not the one that was made
FORMATS = frozenset({"csv", "ndjson", "json", "excel"})
# A part of a ZIP that asks for a password, or for a way of packing that is not there: RuntimeError.
BROKEN = (OSError, EOFError, ValueError, RuntimeError, LZMAError, zipfile.BadZipFile, zlib.error)


class Read(Protocol):
    """Gives the blocks of rows of a file, whose hash differs (`changed`) or not."""

    def __call__(self, *, changed: bool) -> list[Block]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the file is whole, and sentences that say so or name each difference."""

    good: bool
    sentences: tuple[str, ...]


def read_receipt(path: Path) -> Mapping[str, Any]:
    """Read a receipt; raises `ReceiptUnreadable`, or `OSError` where there is none to read."""
    return parse_receipt(path.read_bytes(), name=path.name)


def parse_receipt(text: bytes, *, name: str) -> Mapping[str, Any]:
    """Read the text of a receipt; raises `ReceiptUnreadable` with the name that it came under."""
    try:
        receipt = json.loads(text)
        known = _is_receipt(receipt)
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError):
        known = False
    if not known:
        raise errors.ReceiptUnreadable(field="receipt", value=name)
    return receipt  # type: ignore[no-any-return]


def _is_receipt(said: Mapping[str, Any]) -> bool:
    """Say whether everything that is asked of a receipt has its type."""
    blocks = [Block(**block) for block in said["blocks"]]
    numbers = [said["rows"], said["bytes"], *(block.rows for block in blocks)]
    words = [said["format"], said["sha256"], *(block.sha256 for block in blocks)]
    return (
        all(type(number) is int and number >= 0 for number in numbers)
        and all(isinstance(word, str) for word in words)
        and said["format"] in FORMATS
        and said["options"].get("compression", "") in {"", "gzip"}
    )


def verify(path: Path, receipt: Mapping[str, Any]) -> Verdict:
    """Compare a file with its receipt: signature, length, hash, rows, blocks of rows.

    Reads the file twice (`waybill.store.check` once, while it comes) and holds no more than a row
    of it, and of a file that was changed no row of more than 64 MiB. Where the receipt is not
    ours, nothing it says is looked for in the file. Raises `OSError` where the file cannot be read
    at all.
    """
    size, digest = _hashed(path)

    def read(*, changed: bool) -> list[Block]:
        return list(blocks_of(_rows(path, receipt, longest=LONGEST_ROW if changed else None)))

    return compared(receipt, size=size, digest=digest, read=read)


def compared(receipt: Mapping[str, Any], *, size: int, digest: str, read: Read) -> Verdict:
    """Compare what was found with a receipt; `read` gives the blocks, or raises one of `BROKEN`."""
    found = tuple(_differences(receipt, size, digest, read))
    if found:
        return Verdict(good=False, sentences=found)
    said = _("Complete and unchanged: %(rows)s rows, %(bytes)s bytes.") % {
        "rows": f"{receipt['rows']:,}",
        "bytes": f"{receipt['bytes']:,}",
    }
    return Verdict(good=True, sentences=(said,))


def _differences(receipt: Mapping[str, Any], size: int, digest: str, read: Read) -> Iterator[str]:
    ours = signed_by_us(receipt)
    if not ours:
        yield _("The receipt was changed, or was not signed by this installation.")
    if size != receipt["bytes"]:
        yield _("The file has %(found)s bytes; its receipt says %(said)s.") % {
            "found": f"{size:,}",
            "said": f"{receipt['bytes']:,}",
        }
    changed = digest != receipt["sha256"]
    if changed:
        yield _("The file is not the one that was made: its SHA-256 differs.")
    if not ours:
        return
    try:
        blocks = read(changed=changed)
    except BROKEN:
        yield _("The file cannot be read to its end.")
        return
    yield from _row_differences(blocks, receipt, changed=changed)


def _row_differences(
    blocks: list[Block], receipt: Mapping[str, Any], *, changed: bool
) -> Iterator[str]:
    rows = sum(block.rows for block in blocks)
    if rows != receipt["rows"]:
        yield _("The file holds %(found)s rows; its receipt says %(said)s.") % {
            "found": f"{rows:,}",
            "said": f"{receipt['rows']:,}",
        }
    if not changed:
        return
    said = [Block(**block) for block in receipt["blocks"]]
    for number, (one, other) in enumerate(zip_longest(blocks, said)):
        if one != other:
            first = number * BLOCK_ROWS + 1
            last = first + (other or one).rows - 1
            yield _("The first difference lies in the rows %(first)s to %(last)s.") % {
                "first": f"{first:,}",
                "last": f"{last:,}",
            }
            return
    yield _("The rows are unchanged; the difference lies outside of them.")


def _hashed(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while piece := source.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _rows(path: Path, receipt: Mapping[str, Any], *, longest: int | None) -> Iterator[bytes]:
    return rows_of(
        path,
        form=receipt["format"],
        compression=receipt["options"].get("compression", ""),
        expected=receipt["rows"],
        longest=longest,
    )


def blocks_of(rows: Iterable[bytes]) -> Iterator[Block]:
    """Count and hash rows, so many at a time."""
    source = iter(rows)
    while True:
        digest, count = hashlib.sha256(), 0
        for row in islice(source, BLOCK_ROWS):
            digest.update(row)
            count += 1
        if not count:
            return
        yield Block(rows=count, sha256=digest.hexdigest())
