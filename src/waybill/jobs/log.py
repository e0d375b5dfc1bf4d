"""The log: lines that are only added, each sealed into two chains of keyed hashes.

A line of an export is sealed over the line before it of the same export, and every line over the
line before it of the whole site (HMAC-SHA-256, RFC 2104). Who has no key can neither change nor
put in a line; who removes one leaves a gap in both counts, and who sets the counts back cannot seal
them.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import DatabaseError, OperationalError

from waybill import errors, keys
from waybill.declare.policy import Person
from waybill.jobs import database
from waybill.models import AuditHead, ExportJob, ExportLog
from waybill.values import Json

__all__ = [
    "SYSTEM",
    "Actor",
    "Line",
    "append",
    "append_site",
    "head_is_ours",
    "lock_site",
    "seal",
    "seal_head",
    "seal_site",
    "sealed_text",
]

SEALED = (
    "event",
    "resource",
    "message",
    "processed_items",
    "current_batch",
    "total_batches",
    "duration_ms",
    "actor_key",
    "actor",
    "address",
    "details",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted, as text that outlives the person's row, and from which address."""

    key: str = ""
    label: str = "system"
    address: str = ""

    @classmethod
    def of(cls, user: Person | None, address: str = "") -> Self:
        """Name a person, or the system for None."""
        if user is None:
            return cls(address=address)
        return cls(key=str(user.pk), label=str(user)[:200], address=address)


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says. `details` holds plain JSON without fractions, never a cell's value."""

    event: str
    _: KW_ONLY
    actor: Actor = SYSTEM
    resource: str = ""
    message: str = ""
    processed_items: int | None = None
    current_batch: int | None = None
    total_batches: int | None = None
    duration_ms: int | None = None
    details: Mapping[str, Json] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """Give the values of the table's columns."""
        values = asdict(self)
        values.pop("_", None)
        actor = values.pop("actor")
        return values | {
            "actor_key": actor["key"],
            "actor": actor["label"],
            "address": actor["address"],
            "message": self.message[:500],
            "details": dict(self.details),
        }


def append(job_id: UUID, *lines: Line) -> None:
    """Add lines to an export's log. Belongs into the transaction of what they tell.

    Raises `NotLogged` where the database refuses a line: what it tells does not happen then.
    """
    key = ExportJob._meta.pk.get_db_prep_value(job_id, database.connection())
    with database.connection().cursor() as cursor:
        length, head, resource = _end_of_log(cursor, key)
        at = database.clock()
        rows = []
        for seq, line in enumerate(lines, length + 1):
            values = line.columns() | {"resource": resource}
            row = ExportLog(**values, job_id=job_id, seq=seq, created_at=at)
            row.mac = head = seal(row, head)
            rows.append(row)
        cursor.execute(MOVE_END, [length + len(rows), head, key])
    _chain(rows)


def append_site(line: Line) -> None:
    """Add a line that belongs to no export: a refusal, a dry run, a change of rights."""
    row = ExportLog(**line.columns(), job_id=None, seq=None, created_at=database.clock())
    row.mac = seal(row, "")
    _chain([row])


def _end_of_log(cursor: Any, key: Any) -> tuple[int, str, str]:
    """Give the length of a job's log, its last seal, and the job's resource.

    The job's row is locked, so that lines of one export get their places one by one.
    """
    features = database.connection().features
    database.take_write_lock()
    lock = " FOR UPDATE" if features.has_select_for_update else ""
    lock = " FOR NO KEY UPDATE" if features.has_select_for_no_key_update else lock
    cursor.execute(READ_END + lock, [key])
    found: tuple[int, str, str] = cursor.fetchone()
    return found


def _chain(rows: Sequence[ExportLog]) -> None:
    # The head is locked last and held shortest: every line of the site waits for it.
    head = lock_site()
    # Over a head that somebody set back no seal is made: it would hide that for good.
    ours = head_is_ours(head)
    length, mac = head.length, head.mac
    for length, row in enumerate(rows, head.length + 1):
        row.site_seq = length
        row.site_mac = mac = seal_site(row, mac)
    sealed = length if ours else head.sealed
    own = seal_head(length, mac) if ours else head.seal
    with database.connection().cursor() as cursor:
        try:
            cursor.execute(*_insertion(rows))
        except OperationalError:
            raise
        except DatabaseError as problem:
            raise errors.NotLogged(type(problem).__name__) from problem
        cursor.execute(MOVE_HEAD, [length, mac, sealed, own])


def _insertion(rows: Sequence[ExportLog]) -> tuple[str, list[Any]]:
    connection = database.connection()
    fields = [one for one in ExportLog._meta.concrete_fields if not one.primary_key]
    values = [
        one.get_db_prep_save(getattr(row, str(one.attname)), connection)
        for row in rows
        for one in fields
    ]
    names = ", ".join(str(one.column) for one in fields)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    return f"INSERT INTO waybill_exportlog ({names}) VALUES {marks}", values  # noqa: S608 - names and marks


# Written out: building these queries took as long as running them, while all others waited.
READ_END = "SELECT log_length, log_head, resource FROM waybill_exportjob WHERE id = %s"
MOVE_END = "UPDATE waybill_exportjob SET log_length = %s, log_head = %s WHERE id = %s"
READ_HEAD = "SELECT length, mac, sealed, seal FROM waybill_audithead"
MOVE_HEAD = "UPDATE waybill_audithead SET length = %s, mac = %s, sealed = %s, seal = %s"


def lock_site() -> AuditHead:
    """Give the end of the site's chain, held by nobody else until the transaction's end."""
    database.take_write_lock()
    lock = " FOR UPDATE" if database.connection().features.has_select_for_update else ""
    with database.connection().cursor() as cursor:
        cursor.execute(READ_HEAD + lock)
        head = cursor.fetchone()
        if head is None:
            heads = AuditHead.objects.using(database.alias())
            heads.bulk_create([AuditHead(id=1)], ignore_conflicts=True)
            cursor.execute(READ_HEAD + lock)
            head = cursor.fetchone()
    return AuditHead(length=head[0], mac=head[1], sealed=head[2], seal=head[3])


def head_is_ours(head: AuditHead) -> bool:
    """Say whether the head was sealed with our key, over a line that is still there.

    Only the head of an empty log has no seal. That of a longer log was sealed by the migration
    that brought seals, so that nobody can take the seal away.
    """
    if not head.length:
        return not head.sealed
    mac = head.mac
    if head.sealed != head.length:
        lines = ExportLog.objects.using(database.alias()).filter(site_seq=head.sealed)
        mac = lines.values_list("site_mac", flat=True).first() or ""
    known = 0 < head.sealed <= head.length
    fits = hmac.compare_digest(head.seal.encode(), seal_head(head.sealed, mac).encode())
    return known and fits


def sealed_text(row: ExportLog) -> str:
    """Write out what a seal covers, the same on every database."""
    values = {name: getattr(row, name) for name in SEALED}
    values |= {"job": str(row.job_id or ""), "seq": row.seq, "at": _instant(row.created_at)}
    return json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def seal(row: ExportLog, previous: str) -> str:
    """Seal a line over the one before it of the same export."""
    return _mac("line", previous, sealed_text(row))


def seal_site(row: ExportLog, previous: str) -> str:
    """Seal a line over the one before it of the site."""
    return _mac("site", previous, str(row.site_seq), row.mac)


def seal_head(length: int, mac: str) -> str:
    """Seal how long the site's chain is, over its last line."""
    return _mac("head", str(length), mac)


def _mac(*parts: str) -> str:
    text = "\n".join(parts)
    return hmac.new(keys.audit_key(), text.encode(), hashlib.sha256).hexdigest()


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
