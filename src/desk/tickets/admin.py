"""Tickets in Django's admin."""

from django.contrib import admin

from desk.operators import ActedAdmin, HistoryAdmin, OperatorAdmin
from desk.tickets import actions
from desk.tickets.models import (
    Comment,
    Contact,
    Priority,
    Status,
    Tag,
    Ticket,
    TicketChange,
    TicketType,
    TicketWords,
    WordsWaiting,
)

__all__ = [
    "CommentAdmin",
    "ContactAdmin",
    "PriorityAdmin",
    "StatusAdmin",
    "TicketAdmin",
    "TicketChangeAdmin",
    "WordAdmin",
    "WordsAdmin",
    "WordsWaitingAdmin",
]


@admin.register(Status)
class StatusAdmin(OperatorAdmin):
    """The states of tickets, in their order."""

    list_display = ["name", "is_open", "is_resolved", "rank", "tone"]


@admin.register(Priority)
class PriorityAdmin(OperatorAdmin):
    """Degrees of urgency."""

    list_display = ["name", "rank", "tone"]


@admin.register(TicketType, Tag)
class WordAdmin(OperatorAdmin):
    """Types and tags: words."""

    list_display = ["id", "name"]
    search_fields = ["name"]


@admin.register(Contact)
class ContactAdmin(OperatorAdmin):
    """People outside the desk."""

    list_display = ["name", "email", "organisation"]
    search_fields = ["name", "email", "organisation"]


@admin.register(Ticket)
class TicketAdmin(ActedAdmin):
    """Tickets; changes go the same way as on the staff pages, history included."""

    list_display = ["ticket_code", "subject", "status", "assigned_to", "created_at", "deleted_at"]
    list_select_related = ["status", "assigned_to"]
    search_fields = ["=ticket_code"]
    raw_id_fields = ["assigned_to", "contact"]
    fields = actions.FIELDS
    deeds = actions


@admin.register(Comment)
class CommentAdmin(HistoryAdmin):
    """What was said."""

    list_display = ["created_at", "ticket", "author", "is_internal"]
    list_select_related = ["ticket", "author"]
    ordering = ["-pk"]


@admin.register(TicketChange)
class TicketChangeAdmin(HistoryAdmin):
    """Who changed what of a ticket."""

    list_display = ["at", "ticket", "actor", "field", "old", "new"]
    list_select_related = ["ticket", "actor"]
    ordering = ["-pk"]


@admin.register(TicketWords)
class WordsAdmin(HistoryAdmin):
    """What the search knows of each ticket."""

    list_display = ["ticket_id"]
    ordering = ["-pk"]


@admin.register(WordsWaiting)
class WordsWaitingAdmin(HistoryAdmin):
    """What the search still has to learn."""

    list_display = ["first", "last"]
