"""Tickets from a file into the desk, once for each source and id."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from desk.demo.load import bulk, names, resolve, update
from desk.demo.load.chunks import without_repeats
from desk.demo.load.codes import UniqueCodes
from desk.demo.load.reader import read_beside
from desk.demo.load.report import Report
from desk.demo.load.values import TicketRecord
from desk.tickets.models import Comment, Ticket

__all__ = ["load_tickets"]

TAGGED = Ticket.tags.through
COMMENT_COLUMNS = ("ticket_id", "author_id", "body", "is_internal", "created_at")


def load_tickets(path: Path, *, source: str, now: datetime) -> Report:
    """Load JSON lines. What was loaded before is brought to the file's state; nothing is removed.

    The first load of an empty desk is one transaction; later each portion of the file is one, so
    that a load which was interrupted goes on where it stopped. Raises OSError where the file cannot
    be read.
    """
    report = Report()
    store = _Store(source, now, report)
    reading = read_beside(path, "tickets", report)
    with reading as chunks, bulk.filled_whole(Ticket, Comment, TAGGED) as whole:
        for chunk in chunks:
            for records in without_repeats(chunk, attrgetter("external_id")):
                store.save(records, whole=whole)
        store.tell_people()
    return report


class _Store:
    """Stores portions of one file."""

    def __init__(self, source: str, now: datetime, report: Report) -> None:
        self._source = source
        self._now = now
        self._report = report
        self.people_made = 0  # that no line of the log tells yet
        self._held = resolve.NOTHING
        self._codes = UniqueCodes(Ticket, "ticket_code")
        self._skip_row_checks = bulk.can_skip_row_checks(Ticket, Comment, TAGGED)

    def save(self, records: Sequence[TicketRecord], *, whole: bool) -> None:
        with bulk.bulk_transaction(Ticket, skip_row_checks=self._skip_row_checks):
            lookup = resolve.find_names(self._source, records, held=self._held)
            if whole:  # one transaction: what it holds it need not look up again
                self._held = lookup
            ids = [record.external_id for record in records]
            stored = bulk.find_ids(Ticket, "external_id", ids, source=self._source)
            self._add([r for r in records if r.external_id not in stored], lookup)
            known = {stored[r.external_id]: r for r in records if r.external_id in stored}
            if known:
                update.bring_up_to_date(known, lookup, self._now, self._report)
            self.people_made += lookup.people_made
            if not whole:
                self.tell_people()

    def tell_people(self) -> None:
        """Let the log know of people made, at the end of a transaction: its end stays locked."""
        names.tell_people(self._source, self.people_made)
        self.people_made = 0

    def _add(self, records: Sequence[TicketRecord], lookup: resolve.Lookup) -> None:
        if not records:
            return
        ids = bulk.reserve_ids(Ticket, len(records))
        codes = self._codes.make([record.ticket_code for record in records])
        self._report.note_codes([(r.line, r.ticket_code) for r in records], codes)
        bulk.copy_rows(
            Ticket,
            ("id", "ticket_code", "source", "external_id", *resolve.COLUMNS),
            (
                (pk, code, self._source, r.external_id, *resolve.values(r, lookup, self._now))
                for pk, code, r in zip(ids, codes, records, strict=True)
            ),
        )
        pairs = list(zip(ids, records, strict=True))
        bulk.copy_rows(Comment, COMMENT_COLUMNS, _comments(pairs, lookup, self._now))
        bulk.copy_rows(TAGGED, ("ticket_id", "tag_id"), _tags(pairs, lookup))
        self._report.added += len(records)
        self._report.comments += sum(len(record.comments) for record in records)


def _comments(
    pairs: Iterable[tuple[int, TicketRecord]], lookup: resolve.Lookup, now: datetime
) -> Iterator[tuple[Any, ...]]:
    for pk, record in pairs:
        for said in record.comments:
            author = names.id_of(lookup.people, said.author)
            yield pk, author, said.body, said.is_internal, said.created_at or now


def _tags(
    pairs: Iterable[tuple[int, TicketRecord]], lookup: resolve.Lookup
) -> Iterator[tuple[Any, ...]]:
    for pk, record in pairs:
        for tag in record.tags:
            yield pk, lookup.tags[tag]
