"""What changes tickets. Each writes its lines of history in the same transaction.

`by` is who does it; None is the system. Callers hand in tickets that the person may list.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from desk import history
from desk.assets.models import Asset
from desk.history import Change
from desk.people.models import User
from desk.tickets.codes import next_code
from desk.tickets.models import Comment, Contact, Priority, Status, Tag, Ticket, TicketChange
from desk.tickets.queries import first_open_status

__all__ = [
    "assign",
    "close",
    "comment",
    "contact_named",
    "create",
    "delete",
    "edit",
    "link",
    "link_tagged",
    "remember",
    "reopen",
    "restore",
    "set_priority",
    "set_status",
    "tag",
    "unlink",
    "untag",
]

FIELDS = (
    "subject",
    "description",
    "status",
    "priority",
    "type",
    "assigned_to",
    "team",
    "contact",
    "due_date",
)


@transaction.atomic
def create(
    values: Mapping[str, Any],
    *,
    by: User | None,
    tags: Iterable[Tag] = (),
    assets: Iterable[Asset] = (),
) -> Ticket:
    """Make a ticket from its fields; without a status it gets the first open one."""
    ticket = Ticket(**history.known(values, FIELDS), ticket_code=next_code(), created_by=by)
    ticket.status = ticket.status or first_open_status()
    _follow_status(ticket)
    history.check(ticket, FIELDS)
    ticket.created_at = ticket.updated_at = Now()
    ticket.save()
    ticket.tags.set(tags)
    ticket.assets.set(assets)
    remember([(ticket, Change(field=history.CREATED))], by=by)
    return ticket


@transaction.atomic
def edit(ticket: Ticket, values: Mapping[str, Any], *, by: User | None) -> Ticket:
    """Change fields, tags and assets; what already is as wanted leaves no trace.

    Gives the ticket as it is now; the one handed in may be older.
    """
    ticket = _locked(ticket)
    many = {name: list(values[name]) for name in ("tags", "assets") if name in values}
    plain = history.known({name: values[name] for name in values if name not in many}, FIELDS)
    changes = [*history.differences(ticket, {**plain, **many})]
    if not changes:
        return ticket
    for name, value in plain.items():
        setattr(ticket, name, value)
    _follow_status(ticket)
    history.check(ticket, plain)
    _touch(ticket)
    for name, rows in many.items():
        getattr(ticket, name).set(rows)
    remember([(ticket, change) for change in changes], by=by)
    return ticket


@transaction.atomic
def comment(ticket: Ticket, text: str, *, by: User | None, internal: bool = False) -> Comment:
    """Say something on a ticket, to everybody or among the staff."""
    if not text.strip():
        raise ValidationError({"body": _("Write something: an empty comment says nothing.")})
    said = Comment(ticket=ticket, author=by, body=text, is_internal=internal)
    said.save()
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=Now())
    return said


def assign(ticket: Ticket, person: User | None, *, by: User | None) -> Ticket:
    """Give a ticket to a person, or to nobody."""
    return edit(ticket, {"assigned_to": person}, by=by)


def set_status(ticket: Ticket, status: Status, *, by: User | None) -> Ticket:
    """Move a ticket to a status, which says whether it counts as open and as resolved."""
    return edit(ticket, {"status": status}, by=by)


def set_priority(ticket: Ticket, priority: Priority | None, *, by: User | None) -> Ticket:
    """Say how urgent a ticket is."""
    return edit(ticket, {"priority": priority}, by=by)


def close(ticket: Ticket, *, by: User | None) -> Ticket:
    """Close a ticket: the status named Closed, else the first that is resolved, else not open."""
    ended = Status.objects.filter(is_open=False)
    found = (
        ended.filter(name__iexact="closed").first()
        or ended.filter(is_resolved=True).first()
        or ended.first()
    )
    if found is None:
        raise ValidationError(_("There is no status for closed tickets: add one first."))
    return set_status(ticket, found, by=by)


def reopen(ticket: Ticket, *, by: User | None) -> Ticket:
    """Open a ticket again: the status named Open, else the first that counts as open."""
    ways = Status.objects.filter(is_open=True)
    found = ways.filter(name__iexact="open").first() or ways.first()
    if found is None:
        raise ValidationError(_("There is no status for open tickets: add one first."))
    return set_status(ticket, found, by=by)


def delete(ticket: Ticket, *, by: User | None) -> Ticket:
    """Take a ticket out of every list; it can be restored."""
    return _set_deleted(ticket, deleted=True, by=by)


def restore(ticket: Ticket, *, by: User | None) -> Ticket:
    """Bring a deleted ticket back."""
    return _set_deleted(ticket, deleted=False, by=by)


@transaction.atomic
def tag(ticket: Ticket, name: str, *, by: User | None) -> Ticket:
    """Mark a ticket with a word, which becomes a tag if it is none yet."""
    if not (word := name.strip()):
        raise ValidationError({"name": _("Write a word for the tag.")})
    Tag(name=word).clean_fields()
    found, _made = Tag.objects.get_or_create(name=word)
    return _add(ticket, "tags", found, by=by)


def untag(ticket: Ticket, tag: Tag, *, by: User | None) -> Ticket:
    """Take a tag off a ticket."""
    return _remove(ticket, "tags", tag, by=by)


def link(ticket: Ticket, asset: Asset, *, by: User | None) -> Ticket:
    """Point a ticket at an asset."""
    return _add(ticket, "assets", asset, by=by)


def link_tagged(ticket: Ticket, asset_tag: str, *, by: User | None) -> Ticket:
    """Point a ticket at the asset of that tag, which the person may list."""
    word = asset_tag.strip()
    asset = Asset.objects.visible_to(by).filter(asset_tag__in={word, word.upper()}).first()
    if asset is None:
        raise ValidationError(
            {"asset_tag": _("No asset has the tag “%(tag)s”.") % {"tag": word[:100]}}
        )
    return link(ticket, asset, by=by)


def unlink(ticket: Ticket, asset: Asset, *, by: User | None) -> Ticket:
    """Take an asset off a ticket."""
    return _remove(ticket, "assets", asset, by=by)


def contact_named(name: str, email: str, *, was: Contact | None = None) -> Contact | None:
    """Find the contact of that name and address, or make one; None where both are empty.

    Where the one it was differs in one of the two, it is the same person, corrected: telephone and
    organisation go with them. The old row stays as it is, for other tickets point at it.
    """
    name, email = name.strip(), email.strip()
    if not name and not email:
        return None
    if known := Contact.objects.filter(name=name or email, email__iexact=email).first():
        return known
    made = Contact(name=name or email, email=email)
    if was and (was.name == made.name or was.email.lower() == email.lower() != ""):
        made.phone, made.organisation = was.phone, was.organisation
    made.save()
    return made


def remember(changes: Iterable[tuple[Ticket, Change]], *, by: User | None) -> None:
    """Write lines of history."""
    TicketChange.objects.bulk_create(
        TicketChange(ticket=ticket, actor=by, field=one.field, old=one.old, new=one.new)
        for ticket, one in changes
    )


@transaction.atomic
def _add(ticket: Ticket, name: str, row: Tag | Asset, *, by: User | None) -> Ticket:
    ticket = _locked(ticket)
    return edit(ticket, {name: {*getattr(ticket, name).all(), row}}, by=by)


@transaction.atomic
def _remove(ticket: Ticket, name: str, row: Tag | Asset, *, by: User | None) -> Ticket:
    ticket = _locked(ticket)
    return edit(ticket, {name: set(getattr(ticket, name).all()) - {row}}, by=by)


@transaction.atomic
def _set_deleted(ticket: Ticket, *, deleted: bool, by: User | None) -> Ticket:
    ticket = _locked(ticket)
    if (ticket.deleted_at is not None) == deleted:
        return ticket
    ticket.deleted_at = Now() if deleted else None
    _touch(ticket)
    remember([(ticket, Change(field=history.DELETED if deleted else history.RESTORED))], by=by)
    return ticket


def _locked(ticket: Ticket) -> Ticket:
    """Lock a ticket and give it as it is now: the one handed in may be older."""
    return Ticket.objects.select_for_update().get(pk=ticket.pk)


def _touch(ticket: Ticket) -> None:
    ticket.updated_at = Now()
    ticket.save()
    ticket.refresh_from_db(fields=["updated_at", "deleted_at"])


def _follow_status(ticket: Ticket) -> None:
    """Let the status say what counts; a loaded ticket without one keeps its own word."""
    if ticket.status is not None:
        ticket.is_open = ticket.status.is_open
        ticket.is_resolved = ticket.status.is_resolved
