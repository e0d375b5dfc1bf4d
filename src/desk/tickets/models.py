"""Tickets, what is said on them, and who changed what."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from desk.naming import Named, Ranked
from desk.records import HistoryLine, Record
from desk.tickets import indexes
from desk.tickets.querysets import TicketQuerySet

__all__ = [
    "Comment",
    "Contact",
    "Priority",
    "Status",
    "Tag",
    "Ticket",
    "TicketChange",
    "TicketType",
    "TicketWords",
    "WordsWaiting",
]


class Status(Ranked):
    """A state a ticket can be in, and what that says of it."""

    is_open = models.BooleanField(_("counts as open"), default=True)
    is_resolved = models.BooleanField(_("counts as resolved"), default=False)

    class Meta(Ranked.Meta):
        verbose_name = _("status")
        verbose_name_plural = _("statuses")


class Priority(Ranked):
    """How urgent a ticket is; a higher rank is more urgent."""

    rank = models.SmallIntegerField(_("urgency"), default=0)

    class Meta(Ranked.Meta):
        ordering = ("-rank", "pk")
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")


class TicketType(Named):
    """What sort of thing a ticket is about."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta(Named.Meta):
        verbose_name = _("ticket type")
        verbose_name_plural = _("ticket types")


class Tag(Named):
    """A word that tickets are marked with."""

    name = models.CharField(_("name"), max_length=200, unique=True, blank=True)

    class Meta(Named.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class Contact(models.Model):
    """Somebody outside the desk whom a ticket is for."""

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return self.name


class Ticket(Record):
    """One matter that somebody brought to the desk."""

    ticket_code = models.CharField(_("code"), max_length=200)
    subject = models.TextField(_("subject"))
    description = models.TextField(_("description"), blank=True, null=True)
    status = models.ForeignKey(
        Status,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,
        verbose_name=_("status"),
    )
    priority = models.ForeignKey(
        Priority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,
        verbose_name=_("priority"),
    )
    type = models.ForeignKey(
        TicketType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("type"),
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets_held",
        verbose_name=_("assigned to"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets_made",
        verbose_name=_("created by"),
    )
    team = models.ForeignKey(
        "people.Team",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("team"),
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("contact"),
    )
    assets = models.ManyToManyField(
        "assets.Asset", blank=True, related_name="tickets", verbose_name=_("assets")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="tickets", verbose_name=_("tags"))
    is_open = models.BooleanField(_("open"), default=True)
    is_resolved = models.BooleanField(_("resolved"), default=False)
    due_date = models.DateTimeField(_("due"), null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [*indexes.TICKETS]
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=("ticket_code",),
                name="tickets_ticket_code_once",
                violation_error_message=_("Another ticket has this code."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_code} {self.subject}"


class Comment(models.Model):
    """Something said on a ticket: to everybody, or among the staff."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("author"),
    )
    # Other trackers hold comments without a text, which is not an empty one.
    body = models.TextField(_("text"), null=True)
    is_internal = models.BooleanField(_("internal note"), default=False)
    created_at = models.DateTimeField(_("written"), db_default=Now())

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.created_at:%Y-%m-%d %H:%M}"


class TicketChange(HistoryLine):
    """One line of a ticket's history."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="changes")

    class Meta(HistoryLine.Meta):
        verbose_name = _("change of a ticket")
        verbose_name_plural = _("changes of tickets")

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.field}"


class TicketWords(models.Model):
    """The words of a ticket's code, subject and description, for the search.

    Triggers of the database write it: with the ticket itself, or later where many tickets came
    at once (`WordsWaiting`), because indexing takes longer than loading.
    """

    # Without a constraint: its check for each row took as long as the index itself, and words of
    # a ticket that is gone are found by no search.
    ticket = models.OneToOneField(
        Ticket,
        models.CASCADE,
        primary_key=True,
        related_name="searched_words",
        db_constraint=False,
    )
    words = SearchVectorField(_("words"))

    class Meta:
        indexes = [GinIndex(fields=("words",), name="tickets_words")]
        verbose_name = _("words of a ticket")
        verbose_name_plural = _("words of tickets")

    def __str__(self) -> str:
        return f"{self.ticket_id}"


class WordsWaiting(models.Model):
    """A range of tickets whose words are still to be indexed; until then searches read texts."""

    first = models.BigIntegerField(_("first ticket"))
    last = models.BigIntegerField(_("last ticket"))

    class Meta:
        verbose_name = _("tickets waiting to be indexed")
        verbose_name_plural = _("tickets waiting to be indexed")

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"
