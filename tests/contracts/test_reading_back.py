"""Random rows of every kind are had back from every format of every database (G22).

What a format loses stands in `docs/reference/formats.md`, and here in `kept`.
"""

import csv
import io
import json
import math
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.plugins.workbooks import cells, decoded
from tests.sample.models import Parcel, Shelf
from waybill import exports
from waybill.values import ExportRequest, Options

ZONE = "Asia/Kathmandu"
# Nearer to the ends of the years, points in time are shown in UTC.
DAYS = (date(1, 1, 4), date(9999, 12, 28))
# So many days of a duration Excel's numbers hold with their millionths of a second.
EXACT_DAYS = 25_000

storable = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
texts = storable | st.from_regex(r"[=+@'\t ]?_x[0-9a-fA-F]{4}_\r?\n? ?", fullmatch=True)
numbers = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
leaves = storable | numbers | st.booleans() | st.none()
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("aé=", max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
STRATEGIES = {
    "code": texts,
    "text": st.none() | texts,
    "size": st.sampled_from(["", "s", "l"]),
    "shelf": st.none() | st.sampled_from(["", "=Öst", "plain"]),
    "number": st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**16), 10**16),
    "price": st.none() | st.decimals(-(10**25), 10**25, places=4),
    "weight": st.none() | st.floats(),
    "fragile": st.none() | st.booleans(),
    "day": st.none() | st.dates(*DAYS),
    "clock": st.none() | st.times(),
    "moment": st.none()
    | st.datetimes(*(datetime.combine(day, time()) for day in DAYS), timezones=st.just(UTC)),
    "span": st.none() | st.timedeltas(timedelta(-EXACT_DAYS), timedelta(EXACT_DAYS)),
    "token": st.none() | st.uuids(version=4),  # MariaDB takes no others
    "data": st.none() | documents,
    "address": st.none() | st.ip_addresses().map(str),
}
KEYS = tuple(STRATEGIES)


def span(shown):
    """Read hours, minutes, seconds."""
    sign, hours, minutes, seconds = re.fullmatch(r"(-?)(\d+):(\d\d):(\d\d\.\d+)", shown).groups()
    whole, millionths = seconds.split(".")
    found = timedelta(0, int(whole), int(millionths), 0, int(minutes), int(hours))
    return -found if sign else found


WORDS = {"true": True, "false": False}
READ = {
    "number": int, "price": Decimal, "weight": float, "fragile": WORDS.__getitem__,
    "day": date.fromisoformat, "clock": time.fromisoformat, "moment": datetime.fromisoformat,
    "span": span, "token": UUID, "data": json.loads,
}  # fmt: skip


def by_kind(key, shown):
    """Read a cell's text as the kind of its column."""
    return None if shown is None else READ.get(key, str)(shown)


def from_csv(data, *, raw):
    guarded = {"code", "text", "size", "shelf", "data"}
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), quoting=csv.QUOTE_NOTNULL)
    for line in list(lines)[1:]:
        shown = dict(zip(KEYS, line, strict=True))
        if not raw:
            shown |= {key: shown[key] and shown[key].removeprefix("'") for key in guarded}
        yield tuple(by_kind(key, cell) for key, cell in shown.items())


def of_json(row):
    """Read the kinds that JSON has no values for; its numbers came as they are written."""
    for key in ("day", "clock", "moment", "span", "token"):
        row[key] = by_kind(key, row[key])
    row["price"] = row["price"] and Decimal(row["price"])
    row["weight"] = None if row["weight"] is None else float(row["weight"])
    row["shelf"] = row["shelf"] and row["shelf"]["name"]
    row["data"] = json.loads(json.dumps(row["data"], default=float))
    return tuple(row[key] for key in KEYS)


def from_json(data, *, raw):
    return map(of_json, json.loads(data, parse_float=Decimal)["data"])


def from_ndjson(data, *, raw):
    return [of_json(json.loads(line, parse_float=Decimal)) for line in data.splitlines()]


def from_excel(data, *, raw):
    found = cells(data, 0)
    for begin in range(0, len(found), len(KEYS)):
        row = zip(KEYS, found[begin : begin + len(KEYS)], strict=True)
        yield tuple(of_cell(key, cell) for key, cell in row)


def of_cell(key, cell):
    """Read a cell as its type says."""
    assert cell.formula is None
    if cell.type == "inlineStr":
        return by_kind(key, decoded(cell.text))
    if cell.text == "":
        return None
    if cell.type == "b":
        return cell.text == "1"
    return NUMBERS[key](cell.text)


def fraction(days):
    """Give the time that a part of a day is."""
    return timedelta(microseconds=round(float(days) * 86_400_000_000))


BEGIN = datetime(1899, 12, 30)
NUMBERS = {
    # As Excel reads: 15 digits of a decimal, and no more.
    "number": lambda shown: int(Decimal(f"{float(shown):.15g}")),
    "price": lambda shown: Decimal(f"{float(shown):.15g}"),
    "weight": float,
    "day": lambda days: (BEGIN + timedelta(int(days))).date(),
    "clock": lambda days: (BEGIN + fraction(days)).time(),
    "moment": lambda days: BEGIN + timedelta(seconds=round(float(days) * 86_400)),
    "span": fraction,
}


FORMATS = {"csv": from_csv, "json": from_json, "ndjson": from_ndjson, "excel": from_excel}


def kept(key, value, fmt, *, raw):
    """Give what a format keeps of a stored value."""
    if key == "weight" and value is not None and not math.isfinite(value):
        return None
    if raw or value is None:
        return value
    if key == "moment":
        local = value.astimezone(ZoneInfo(ZONE))
        return local if "json" in fmt else local.replace(microsecond=0, tzinfo=None)
    return str(dict(Parcel.Size.choices).get(value, "")) if key == "size" else value


def stored():
    """Give the rows as the database has them."""
    names = [f"{key}__name" if key == "shelf" else key for key in KEYS]
    return list(Parcel.objects.order_by("pk").values_list(*names))


def written(fmt, *, raw):
    request = ExportRequest(
        resource="parcels", format=fmt, columns=KEYS, options=Options(raw=raw, zone=ZONE)
    )
    out = io.BytesIO()
    receipt = exports.write(exports.planned(request, by=None), out)
    return receipt["rows"], out.getvalue()


def put(vendor, made):
    """Store the rows, on shelves of their own."""
    Parcel.objects.all().delete()
    shelves = {None: None}
    for row in made:
        if row["shelf"] not in shelves:
            shelves[row["shelf"]] = Shelf.objects.create(name=row["shelf"])
        if vendor == "mariadb" and not math.isfinite(row["weight"] or 0):
            row["weight"] = None  # it has no such numbers
    Parcel.objects.bulk_create([Parcel(**row | {"shelf": shelves[row["shelf"]]}) for row in made])


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a database is too slow to shrink with
)
@given(made=st.lists(st.fixed_dictionaries(STRATEGIES), min_size=1, max_size=20))
def test_what_is_stored_is_read_back(database, made):
    put(database, made)
    rows = stored()
    for fmt, read in FORMATS.items():
        for raw in (True, False):
            count, data = written(fmt, raw=raw)
            expected = [
                tuple(kept(key, value, fmt, raw=raw) for key, value in zip(KEYS, row, strict=True))
                for row in rows
            ]
            found = list(read(data, raw=raw))
            assert (fmt, raw, found) == (fmt, raw, expected)
            assert count == len(made)
