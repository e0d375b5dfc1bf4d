"""Tickets that were loaded before, brought to the state of the file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from desk.demo.load import names, resolve
from desk.demo.load.codes import is_form_of
from desk.demo.load.history import set_fields
from desk.demo.load.report import Report
from desk.demo.load.values import CommentRecord, TicketRecord
from desk.tickets.actions import remember
from desk.tickets.models import Comment, Ticket

__all__ = ["bring_up_to_date"]

TAGGED = Ticket.tags.through
Known = Mapping[int, TicketRecord]


def bring_up_to_date(known: Known, lookup: resolve.Lookup, now: datetime, report: Report) -> None:
    """Change what differs, add comments and tags that are missing, and say so in the history.

    Comments and tags made at the desk stay. A line without a creation time leaves the stored one.
    """
    touched = _change_fields(known, lookup, now, report)
    comments = list(_missing_comments(known, lookup, now))
    tags = list(_missing_tags(known, lookup))
    Comment.objects.bulk_create(comments)
    TAGGED.objects.bulk_create(tags)
    touched |= {comment.ticket_id for comment in comments} | {tag.ticket_id for tag in tags}
    report.comments += len(comments)
    report.changed += len(touched)
    report.unchanged += len(known) - len(touched)


def _change_fields(known: Known, lookup: resolve.Lookup, now: datetime, report: Report) -> set[int]:
    touched: set[int] = set()
    for ticket in Ticket.objects.filter(pk__in=known).order_by("pk"):
        record = known[ticket.pk]
        if not is_form_of(ticket.ticket_code, record.ticket_code):
            report.notes.add(
                "ticket_code: differs from the stored one, which stays", line=record.line
            )
        values = zip(resolve.COLUMNS, resolve.values(record, lookup, now), strict=True)
        wanted = [pair for pair in values if pair[0] != "created_at" or record.created_at]
        if changes := set_fields(ticket, wanted):
            remember([(ticket, change) for change in changes], by=None)
            touched.add(ticket.pk)
    return touched


def _missing_comments(known: Known, lookup: resolve.Lookup, now: datetime) -> Iterator[Comment]:
    stored: dict[Any, list[datetime]] = defaultdict(list)
    rows = Comment.objects.filter(ticket__in=known.keys())
    for *which, at in rows.values_list("ticket", "author", "body", "created_at"):
        stored[tuple(which)].append(at)
    for pk, record in known.items():
        for said in record.comments:
            author = names.id_of(lookup.people, said.author)
            if not _take(stored[pk, author, said.body], said):
                yield Comment(
                    ticket_id=pk,
                    author_id=author,
                    body=said.body,
                    is_internal=said.is_internal,
                    created_at=said.created_at or now,
                )


def _take(times: list[datetime], said: CommentRecord) -> bool:
    """Take one stored comment for one of the file; without a time there, any will do."""
    if said.created_at is None and times:
        times.pop()
        return True
    if said.created_at in times:
        times.remove(said.created_at)
        return True
    return False


def _missing_tags(known: Known, lookup: resolve.Lookup) -> Iterable[Any]:
    rows = TAGGED.objects.filter(ticket__in=known.keys())
    stored = set(rows.values_list("ticket_id", "tag_id"))
    for pk, record in known.items():
        for name in record.tags:
            if (pk, lookup.tags[name]) not in stored:
                yield TAGGED(ticket_id=pk, tag_id=lookup.tags[name])
