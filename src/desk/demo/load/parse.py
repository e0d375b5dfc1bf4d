"""From a line of JSON to a record."""

import json
import re
from datetime import date, datetime
from typing import Any

import orjson

from desk.demo.load.times import read_date, read_time
from desk.demo.load.values import AssetRecord, BadLine, CommentRecord, Notes, TicketRecord

__all__ = ["parse_asset", "parse_ticket", "read_object"]

CODE = 190  # characters, so that a suffix still fits into the column's 200
NAME = 100
LONG_NAME = 200

TICKET_FIELDS = frozenset(TicketRecord._fields) - {"line", "external_id"} | {"id"}
COMMENT_FIELDS = frozenset(CommentRecord._fields)
ASSET_FIELDS = frozenset(AssetRecord._fields) - {"line", "external_id"} | {"id"}

# Neither can be stored: PostgreSQL's text has no NUL, UTF-8 no half of a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
ESCAPED_NUL = rb"\u0000"
# Looked for one by one: a search for a fixed text is ten times as fast as a pattern.
SUSPECT = (b"\0", ESCAPED_NUL, rb"\ud", rb"\uD")

# Not strict: a raw tab inside a text is no reason to lose the row.
DECODER = json.JSONDecoder(strict=False)

Fields = dict[str, Any]


def read_object(line: bytes | None, notes: Notes) -> Fields:
    """Read one JSON object; a NUL in a text becomes U+FFFD and is counted."""
    if line is None:
        raise BadLine("the line is longer than 64 MB")
    try:
        # It refuses raw control characters and halves of pairs: those lines are read patiently.
        data: Any = orjson.loads(line)
        suspect = ESCAPED_NUL in line
    except orjson.JSONDecodeError:
        data = _read_patiently(line)
        suspect = any(mark in line for mark in SUSPECT)
    if not isinstance(data, dict):
        raise BadLine("not a JSON object")
    fields: Fields = _storable(data, notes) if suspect else data
    return fields


def _read_patiently(line: bytes) -> Any:
    """Read what Python's own reader reads, or say where it fails."""
    try:
        return DECODER.decode(line.decode())
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 at byte {error.start + 1}") from None
    except RecursionError:
        raise BadLine("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except ValueError:
        raise BadLine("not JSON: a number of too many digits") from None


def parse_ticket(number: int, data: Fields, notes: Notes) -> TicketRecord:
    """Check the fields of one ticket. Raises BadLine."""
    _note_unknown(data, TICKET_FIELDS, notes)
    return TicketRecord(
        number,
        _key(data, "id", LONG_NAME),
        _key(data, "ticket_code", CODE),
        _required(data, "subject"),
        _text(data, "description"),
        _name(data, "status", NAME, notes),
        _name(data, "priority", NAME, notes),
        _name(data, "type", NAME, notes),
        _name(data, "assigned_to", LONG_NAME, notes),
        _name(data, "created_by", LONG_NAME, notes),
        _truth(data, "is_open"),
        _truth(data, "is_resolved"),
        _time(data, "created_at", notes),
        _time(data, "due_date", notes),
        _time(data, "updated_at", notes),
        _tags(data),
        tuple(_comment(item, notes) for item in _items(data, "comments", dict)),
    )


def parse_asset(number: int, data: Fields, notes: Notes) -> AssetRecord:
    """Check the fields of one asset. Raises BadLine."""
    _note_unknown(data, ASSET_FIELDS, notes)
    return AssetRecord(
        number,
        None if data.get("id") is None else _key(data, "id", CODE),
        _key(data, "asset_tag", 90),
        _required(data, "name", 300),
        _text(data, "serial_number", LONG_NAME),
        _name(data, "status", NAME, notes),
        _name(data, "location", LONG_NAME, notes),
        _name(data, "assigned_to", LONG_NAME, notes),
        _name(data, "manufacturer", LONG_NAME, notes),
        _name(data, "asset_type", LONG_NAME, notes),
        _date(data, "purchase_date", notes),
        _date(data, "warranty_expiry_date", notes),
        _time(data, "created_at", notes),
        _time(data, "updated_at", notes),
    )


def _comment(data: Fields, notes: Notes) -> CommentRecord:
    _note_unknown(data, COMMENT_FIELDS, notes)
    return CommentRecord(
        _name(data, "author", LONG_NAME, notes),
        _text(data, "body"),
        _time(data, "created_at", notes),
        bool(_truth(data, "is_internal")),
    )


def _text(data: Fields, field: str, longest: int | None = None) -> str | None:
    value = data.get(field)
    if value is None:
        return None
    if type(value) is not str:
        raise BadLine(f"{field}: a text or null would be accepted")
    if longest and len(value) > longest:
        raise BadLine(f"{field}: {len(value)} characters; at most {longest} would be accepted")
    return value


def _required(data: Fields, field: str, longest: int | None = None) -> str:
    value = _text(data, field, longest)
    if value is None:
        raise BadLine(f"{field}: missing; a text would be accepted")
    return value


def _key(data: Fields, field: str, longest: int) -> str:
    value = data.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _required({field: value}, field, longest)
    if not text:
        raise BadLine(f"{field}: empty; a text would be accepted")
    return text


def _name(data: Fields, field: str, longest: int, notes: Notes) -> str | None:
    value = data.get(field)
    if type(value) is str and 0 < len(value) <= longest:
        return value  # nearly always, and this is called millions of times
    if value == "":
        notes.add(f"{field}: empty, taken as none")
        return None
    return _text(data, field, longest)


def _truth(data: Fields, field: str) -> bool | None:
    value = data.get(field)
    if value is None or value is True or value is False:
        return value
    raise BadLine(f"{field}: true, false or null would be accepted")


def _time(data: Fields, field: str, notes: Notes) -> datetime | None:
    value = _name(data, field, LONG_NAME, notes)
    if value is None:
        return None
    try:
        return read_time(value)
    except (ValueError, OverflowError):
        raise BadLine(
            f"{field}: not a time; 2021-09-06T08:30:00Z or 06/Sep/21 08:30 would be accepted"
        ) from None


def _date(data: Fields, field: str, notes: Notes) -> date | None:
    """Read a date. One that cannot be read is left out: a BIOS often holds rubbish there."""
    value = _name(data, field, LONG_NAME, notes)
    if value is None:
        return None
    try:
        return read_date(value)
    except ValueError:
        notes.add(f"{field}: not a date, left out")
        return None


def _tags(data: Fields) -> tuple[str, ...]:
    tags = _items(data, "tags", str)
    if tags and max(map(len, tags)) > LONG_NAME:
        raise BadLine(f"tags: at most {LONG_NAME} characters each would be accepted")
    return tuple(dict.fromkeys(tags))


def _items[T](data: Fields, field: str, kind: type[T]) -> list[T]:
    value = data.get(field)
    if value is None:
        return []
    if isinstance(value, list) and {type(item) for item in value} <= {kind}:
        return value
    word = "objects" if kind is dict else "texts"
    raise BadLine(f"{field}: a list of {word} or null would be accepted")


def _note_unknown(data: Fields, known: frozenset[str], notes: Notes) -> None:
    if known.issuperset(data):
        return
    for field in data.keys() - known:
        notes.add(f"{field[:60]}: not a field, left out")


def _storable(value: Any, notes: Notes) -> Any:
    if isinstance(value, str):
        text, count = UNSTORABLE.subn("\ufffd", value)
        notes.add("characters that cannot be stored (NUL), replaced by U+FFFD", count)
        return text
    if isinstance(value, list):
        return [_storable(item, notes) for item in value]
    if isinstance(value, dict):
        return {key: _storable(item, notes) for key, item in value.items()}
    return value
