"""The filters of ticket lists: one set for pages, saved views, the API and exports (D4)."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from desk.lists.filters import PastFilter
from desk.people.models import Team, User
from desk.tickets.models import Priority, Status, Ticket, TicketType

__all__ = ["TicketFilter"]


class TagFilter(filters.CharFilter):
    """Tickets that carry a tag of one of these names."""

    takes_several = True

    def filter(self, qs: QuerySet[Ticket], value: list[str]) -> QuerySet[Ticket]:
        """Ask for the tags apart, so that a ticket with two of them stands in the list once."""
        marked = Ticket.tags.through._default_manager.filter(tag__name__in=value)
        return qs.filter(pk__in=marked.values("ticket_id"))


class AssetTagFilter(filters.CharFilter):
    """Tickets that point at an asset of one of these asset tags."""

    takes_several = True

    def filter(self, qs: QuerySet[Ticket], value: list[str]) -> QuerySet[Ticket]:
        """Ask for the assets apart, so that a ticket with two of them stands in the list once."""
        linked = Ticket.assets.through._default_manager.filter(asset__asset_tag__in=value)
        return qs.filter(pk__in=linked.values("ticket_id"))


class TicketFilter(filters.FilterSet):
    """Declared names; of each, a list of values means any of them."""

    status_id = filters.ModelChoiceFilter(queryset=Status.objects.all(), label=_("Status"))
    priority_id = filters.ModelChoiceFilter(queryset=Priority.objects.all(), label=_("Priority"))
    type_id = filters.ModelChoiceFilter(queryset=TicketType.objects.all(), label=_("Type"))
    is_open = filters.BooleanFilter(label=_("Open"))
    is_resolved = filters.BooleanFilter(label=_("Resolved"))
    assigned_to = filters.ModelChoiceFilter(queryset=User.objects.all(), label=_("Assigned to"))
    unassigned = filters.BooleanFilter("assigned_to", "isnull", label=_("Unassigned"))
    created_by = filters.ModelChoiceFilter(queryset=User.objects.all(), label=_("Created by"))
    team_id = filters.ModelChoiceFilter(queryset=Team.objects.all(), label=_("Team"))
    tag = TagFilter(label=_("Tag"))
    asset = AssetTagFilter(label=_("Asset tag"))
    overdue = PastFilter("due_date", label=_("Overdue"), only={"is_open": True})
    due_from = filters.IsoDateTimeFilter("due_date", "gte", label=_("Due from"))
    due_to = filters.IsoDateTimeFilter("due_date", "lte", label=_("Due until"))
    created_from = filters.IsoDateTimeFilter("created_at", "gte", label=_("Created from"))
    created_to = filters.IsoDateTimeFilter("created_at", "lte", label=_("Created until"))
    updated_from = filters.IsoDateTimeFilter("updated_at", "gte", label=_("Updated from"))
    updated_to = filters.IsoDateTimeFilter("updated_at", "lte", label=_("Updated until"))

    class Meta:
        model = Ticket
        fields: tuple[Any, ...] = ()
