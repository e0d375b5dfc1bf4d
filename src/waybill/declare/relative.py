"""Values of filters that depend on who asks and when: `@me`, `today`, `last 7 days`, `overdue`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth import get_user_model
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from waybill.declare.policy import Person
from waybill.values import Json

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_filters import Filter

__all__ = ["Context", "accepted", "choices_of", "of_people", "resolve", "said"]

SPAN = re.compile(r"(last|next) (\d{1,4}) (hour|day|week)s?")
HOURS = {"hour": 1, "day": 24, "week": 168}
DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
INCLUDING = ("lte", "gt")  # lookups for which a plain day means its end
EXAMPLES = ("2026-11-20", "today", "yesterday", "last 7 days", "overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks (None is the system), when, and in which time zone (an IANA name)."""

    user: Person | None
    at: datetime
    zone: str = "UTC"

    def local(self) -> datetime:
        """Give the time of asking on the person's clock."""
        return self.at.astimezone(ZoneInfo(self.zone))


def resolve(one: "Filter", value: Json, context: Context) -> Json:
    """Make one value absolute; raises `ValueError` for a word that means nothing here."""
    field = one.field
    if isinstance(field, forms.ModelChoiceField) and value == "@me":
        return _me(field, context)
    if isinstance(field, forms.DateTimeField):
        return _moment(str(value).strip(), one, context).isoformat()
    if isinstance(field, forms.DateField):
        return _day(str(value).strip(), context).isoformat()
    return value


def accepted(field: forms.DateField | forms.DateTimeField) -> tuple[str, ...]:
    """Give examples of what a field of dates or times takes."""
    return EXAMPLES if not isinstance(field, forms.DateTimeField) else (TIME_EXAMPLE, *EXAMPLES)


TIME_EXAMPLE = "2026-11-20T14:30"


def of_people(field: forms.Field) -> bool:
    """Say whether a field chooses among the users of the project."""
    if not isinstance(field, forms.ModelChoiceField):
        return False
    return choices_of(field).model is get_user_model()


def choices_of(field: "forms.ModelChoiceField[Any]") -> "QuerySet[Any]":
    """Give the rows that a field chooses among."""
    rows: QuerySet[Any] = field.queryset  # type: ignore[assignment]  # None only before it is set
    return rows


def said(word: str, cleaned: Any, context: Context) -> str:
    """Say a date or a time: as written where it is absolute, else with what the word meant."""
    if word[:1].isdigit():
        return word.replace("T", " ")
    if isinstance(cleaned, datetime):
        meant = cleaned.astimezone(ZoneInfo(context.zone)).strftime("%Y-%m-%d %H:%M")
    else:
        meant = f"{cleaned}"
    plain = _("yes") if word.lower() == "true" else word
    return f"{plain} ({meant})"


def _me(field: "forms.ModelChoiceField[Any]", context: Context) -> Json:
    if context.user is None or not of_people(field):
        raise ValueError("@me")
    return str(context.user.pk)


def _moment(text: str, one: "Filter", context: Context) -> datetime:
    """Read a time: relative, a plain day (its start, or its end), or a clock time."""
    word = text.lower()
    if word in {"overdue", "now"}:
        return context.at
    if found := SPAN.fullmatch(word):
        return context.at + _span(found)
    if (day := _plain_day(word, context)) is not None:
        border = time.max if one.lookup_expr in INCLUDING else time.min
        return datetime.combine(day, border, ZoneInfo(context.zone))
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(context.zone))
    return aware.astimezone(UTC)  # PostgreSQL takes no offset of 16 hours or more


def _day(text: str, context: Context) -> date:
    """Read a day; `overdue` is the day before the present one."""
    word = text.lower()
    if word == "overdue":
        return context.local().date() - timedelta(days=1)
    if found := SPAN.fullmatch(word):
        return (context.local() + _span(found)).date()
    day = _plain_day(word, context)
    if day is None:
        raise ValueError(text)
    return day


def _plain_day(word: str, context: Context) -> date | None:
    if word in DAYS:
        return context.local().date() + timedelta(days=DAYS[word])
    return parse_date(word)


def _span(found: re.Match[str]) -> timedelta:
    length = timedelta(hours=int(found[2]) * HOURS[found[3]])
    return -length if found[1] == "last" else length
