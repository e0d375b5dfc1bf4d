"""Tags that every staff page shares: icons, people, times, states and form fields."""

from datetime import date, datetime

from django import template
from django.core.exceptions import FieldDoesNotExist
from django.forms import BoundField, CheckboxInput
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk import history
from desk.assets.models import Asset, AssetChange
from desk.lists.totals import Total
from desk.people.models import User
from desk.tickets.models import Ticket, TicketChange

__all__ = [
    "ago",
    "avatar",
    "count",
    "due",
    "field",
    "happened",
    "icon",
    "lapse",
    "level",
    "person",
    "pill",
    "register",
    "stamp",
    "told",
    "total",
]

register = template.Library()

TINTS = ("teal", "blue", "violet", "amber", "green", "red")
MINUTE, HOUR, DAY = 60, 3600, 86400
DUE_SOON = DAY


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw one symbol of the icon file; it says nothing to screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        extra,
        static("desk/icons.svg"),
        name,
    )


@register.simple_tag
def avatar(person: User | None, size: str = "") -> SafeString:
    """Draw a person as initials on a colour that stays theirs."""
    if person is None:
        return format_html('<span class="avatar none {}" aria-hidden="true"></span>', size)
    words = str(person).split() or ["?"]
    initials = words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])
    tint = TINTS[person.pk % len(TINTS)]
    return format_html(
        '<span class="avatar {} {}" aria-hidden="true">{}</span>', tint, size, initials.upper()
    )


@register.simple_tag
def person(who: User | None, nobody: str = "") -> SafeString:
    """Name a person beside their avatar, or say that there is nobody."""
    if who is None:
        return format_html('<span class="muted">{}</span>', nobody or _("Nobody"))
    return format_html('<span class="person">{}<span>{}</span></span>', avatar(who, "small"), who)


@register.simple_tag
def pill(value: object) -> SafeString | str:
    """Show a status as a coloured pill with its word."""
    if value is None:
        return ""
    return format_html('<span class="pill {}">{}</span>', getattr(value, "tone", "grey"), value)


@register.simple_tag
def level(value: object) -> SafeString | str:
    """Show a priority as a coloured mark with its word."""
    if value is None:
        return ""
    return format_html('<span class="level {}">{}</span>', getattr(value, "tone", "grey"), value)


@register.filter
def count(number: int | None) -> str:
    """Group a whole number by thousands, in the reader's language."""
    return "" if number is None else formats.number_format(number, 0, force_grouping=True)


@register.filter
def total(number: Total) -> str:
    """Say how many there are, with "about" where it is an estimate."""
    words = count(number.number)
    return words if number.exact else _("about %(number)s") % {"number": words}


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """Say how long ago something was, with the exact time behind it."""
    return _time(moment, _ago_words(moment)) if moment else ""


@register.simple_tag
def stamp(moment: datetime | None) -> SafeString | str:
    """Give the exact local time of something."""
    return _time(moment, _exact(moment)) if moment else ""


@register.simple_tag
def due(moment: datetime | None, is_open: bool = True) -> SafeString | str:
    """Say when something is due; late and soon ones in colour while it is open."""
    if moment is None:
        return ""
    left = (moment - timezone.now()).total_seconds()
    tone = "" if not is_open else "late" if left < 0 else "soon" if left < DUE_SOON else ""
    words = _day_words(timezone.localtime(moment).date())
    if tone == "late":
        words = format_html('{}<span class="sr"> ({})</span>', words, _("overdue"))
    return _time(moment, words, tone)


@register.simple_tag
def lapse(day: date) -> SafeString:
    """Give the day something ends; one that is over in colour and word."""
    words = formats.date_format(day, "j M Y")
    if day >= timezone.localdate():
        return format_html('<time datetime="{}">{}</time>', day.isoformat(), words)
    over = _("over")
    return format_html(
        '<time class="soft" datetime="{}">{} <span class="late">{}</span></time>',
        day.isoformat(),
        words,
        over,
    )


@register.simple_tag
def happened(change: TicketChange | AssetChange) -> str:
    """Say what a line of history did."""
    known = {
        history.CREATED: _("created it"),
        history.DELETED: _("deleted it"),
        history.RESTORED: _("restored it"),
    }
    return known.get(change.field) or _("changed %(field)s") % {"field": _field_name(change)}


@register.filter
def told(value: str | None) -> str:
    """Say a value of the history: a time as local time, a long text by its beginning."""
    try:
        moment = parse_datetime(value or "")
    except ValueError:
        moment = None
    if moment is not None and timezone.is_aware(moment):
        return _exact(moment)
    return Truncator(value or "").chars(80)


@register.inclusion_tag("desk/parts/field.html")
def field(bound: BoundField, extra: str = "") -> dict[str, object]:
    """Lay out a form field: label, control, help and what is wrong with it."""
    is_check = isinstance(bound.field.widget, CheckboxInput)
    return {"field": bound, "extra": extra, "is_check": is_check}


def _field_name(change: TicketChange | AssetChange) -> str:
    subject = Ticket if isinstance(change, TicketChange) else Asset
    try:
        return str(subject._meta.get_field(change.field).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return change.field


def _time(moment: datetime, words: str, tone: str = "") -> SafeString:
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        tone,
        moment.isoformat(),
        _exact(moment),
        words,
    )


def _exact(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'j M Y')} {local:%H:%M}"


def _ago_words(moment: datetime) -> str:
    seconds = int((timezone.now() - moment).total_seconds())
    if seconds < 0 or seconds >= 7 * DAY:
        return _day_words(timezone.localtime(moment).date())
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        return ngettext("%d min ago", "%d min ago", seconds // MINUTE) % (seconds // MINUTE)
    if seconds < DAY:
        return ngettext("%d h ago", "%d h ago", seconds // HOUR) % (seconds // HOUR)
    return ngettext("%d day ago", "%d days ago", seconds // DAY) % (seconds // DAY)


def _day_words(day: date) -> str:
    today = timezone.localdate()
    near = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}.get((day - today).days)
    return near or formats.date_format(day, "j M" if day.year == today.year else "j M Y")
