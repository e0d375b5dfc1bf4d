"""What the pages of exports say in words: numbers, lengths of time, moments."""

from datetime import datetime, timedelta

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from waybill import conf, errors
from waybill.models import ExportLog
from waybill.states import Event

__all__ = [
    "event",
    "facts",
    "lasting",
    "number",
    "reason",
    "register",
    "remaining",
    "shortly",
    "when",
]

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400


@register.filter
def number(value: float | None) -> str:
    """Group a whole number by thousands, in the reader's language."""
    return "" if value is None else formats.number_format(int(value), 0, force_grouping=True)


@register.filter
def event(name: str) -> str:
    """Say what a line of the log tells; an event of the host's own in the words of the host."""
    return str(dict(Event.choices).get(name) or _hosts_word(name) or name)


@register.filter
def facts(line: ExportLog) -> list[tuple[str, str]]:
    """Give what a line of the host's own tells beside its message: names and values, in words."""
    if line.resource:
        return []
    told = {name: str(value) for name, value in line.details.items() if value}
    return [
        ("" if name == "about" else _hosts_word(name) or name, _hosts_word(name, value) or value)
        for name, value in told.items()
        if value != line.message
    ]


@register.filter
def reason(code: str) -> str:
    """Say why exports failed."""
    return str(errors.sentence(code)) or code


@register.filter
def lasting(length: timedelta | float | None) -> str:
    """Say how long something takes: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if length is None:
        return ""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 1:
        return _("%(seconds)s s") % {"seconds": formats.number_format(round(seconds, 1))}
    whole = round(seconds)
    if whole < MINUTE:
        return ngettext("%(n)d s", "%(n)d s", whole) % {"n": whole}
    if whole < HOUR:
        return _("%(minutes)d min %(seconds)d s") % {
            "minutes": whole // MINUTE,
            "seconds": whole % MINUTE,
        }
    return _("%(hours)d h %(minutes)d min") % {
        "hours": whole // HOUR,
        "minutes": whole % HOUR // MINUTE,
    }


@register.filter
def remaining(moment: datetime) -> str:
    """Say how long it is until then: `2 d 23 h`, `40 min`."""
    seconds = int((moment - timezone.now()).total_seconds())
    if seconds <= 0:
        return _("over")
    if seconds >= DAY:
        return _("%(days)d d %(hours)d h") % {
            "days": seconds // DAY,
            "hours": seconds % DAY // HOUR,
        }
    if seconds >= HOUR:
        return _("%(hours)d h %(minutes)d min") % {
            "hours": seconds // HOUR,
            "minutes": seconds % HOUR // MINUTE,
        }
    return _("%(minutes)d min") % {"minutes": seconds // MINUTE}


@register.filter
def shortly(moment: datetime | None) -> SafeString | str:
    """Give a local time to the minute, without the year while it is this one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    day = formats.date_format(local, "j M" if local.year == timezone.localdate().year else "j M Y")
    words = f"{day}, {local:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), words)


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """Give a local time to the second."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    words = f"{formats.date_format(local, 'j M Y')} {local:%H:%M:%S}"
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), words)


def _hosts_word(name: str, *value: str) -> str:
    path = conf.settings().log_words
    return str(import_string(path)(name, *value)) if path else ""
