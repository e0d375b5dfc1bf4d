"""The options of a request, checked and completed."""

from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

from waybill import errors
from waybill.values import Options

__all__ = ["COMPRESSED", "DELIMITERS", "FORMATS", "SYNONYMS", "check", "format_named"]

DELIMITERS = (",", ";", "\t", "|")
FORMATS = ("csv", "excel", "json", "ndjson")
SYNONYMS = {"xlsx": "excel"}
COMPRESSED = ("csv", "ndjson")
ZONES = ("UTC", "Europe/Berlin")  # as examples


@cache
def zones() -> frozenset[str]:
    """Name the zones of the IANA database, which the database server knows too.

    A host has more files that can be read as a zone, `localtime` and `posix/UTC` among them.
    """
    return frozenset(available_timezones() - {"localtime"})


def format_named(name: str) -> str:
    """Give the canonical name of a format; raises `FormatUnknown`."""
    found = SYNONYMS.get(name, name)
    if found not in FORMATS:
        raise errors.FormatUnknown(field="format", value=name, accepted=FORMATS)
    return found


def check(options: Options, fmt: str) -> Options:
    """Refuse impossible options with `BadOption`; make `raw` mean all that it means."""
    if options.delimiter not in DELIMITERS:
        raise errors.BadOption(field="delimiter", value=options.delimiter, accepted=DELIMITERS)
    if options.compression not in ("", "gzip"):
        raise errors.BadOption(field="compression", value=options.compression, accepted=["gzip"])
    if options.compression and fmt not in COMPRESSED:
        raise errors.BadOption(field="compression", value=fmt, accepted=COMPRESSED)
    if options.zone not in zones():
        raise errors.BadOption(field="zone", value=options.zone, accepted=ZONES)
    if options.raw:
        return replace(options, guard=False, bom=False, zone="UTC")
    return options
