"""Every writer gives the same bytes from PostgreSQL and from Python."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.plugins.halves import by_python, by_sql
from tests.sample.models import Label, Parcel, Remark, Shelf
from waybill import exports
from waybill.values import ExportRequest, Options
from waybill.write.encode import WRITERS

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = [
    "", "plain", "=1+1", "'", "''x", "-5", "-1,5", "+49 30 1234", "+49-30-1234", " =1", "\t=1",
    "\u200b=1", "\ufeff@x", "＝1", "a,b", 'a"b', "a\nb", "a\rb", "\n", "\r\n=", "\\.", "%0A=1",
    "|x", ";=1", '"=1', "-123456789012345", "-1234567890123456", "日本語", "\U0001f600", "- 5",
    "+1 2", "+1  2", "-5\n", "+5 ", "\u3000+1", "\x01=1", "x" * 5000,
]  # fmt: skip

ROWS = [
    {},
    {
        "number": -(2**63), "price": Decimal("-12345678901234567890.1234"), "weight": -0.0,
        "fragile": True, "day": date(1, 1, 1), "clock": time(23, 59, 59, 120000),
        "moment": datetime(1, 1, 1, tzinfo=UTC), "span": -timedelta(days=1, microseconds=500_000),
        "token": uuid.UUID(int=1), "data": {"b": [1, 2.5, None], "a": "=x"}, "address": "10.0.0.1",
        "size": "s",
    },
    {
        "number": 2**63 - 1, "price": Decimal("0.1000"), "weight": 1e15, "fragile": False,
        "day": date(9999, 12, 31), "clock": time(0, 0),
        "moment": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        "span": timedelta(hours=100), "data": "text", "address": "2001:db8::1", "size": "l",
    },
    {"weight": 1e-5, "moment": datetime(2026, 3, 29, 1, 0, 0, 5, tzinfo=UTC), "data": []},
    {"weight": 5e-324, "moment": datetime(1890, 1, 1, tzinfo=UTC), "data": 1, "size": "?"},
    {"weight": float("inf"), "price": Decimal(0)},
    {"weight": 123456789012345.6, "data": False, "span": timedelta()},
    {"weight": 1234567890123456.0}, {"weight": 0.1 + 0.2}, {"weight": 1e22}, {"weight": 100000.0},
]  # fmt: skip


@pytest.fixture
def parcels():
    """Fill the sample with every text and every value."""
    shelf = Shelf.objects.create(name="=shelf")
    rows = [
        Parcel(**{"code": f"row {place}", "shelf": shelf, **row}) for place, row in enumerate(ROWS)
    ]
    rows += [Parcel(code=text[:200], text=text) for text in TEXTS]
    made = Parcel.objects.bulk_create(rows)
    made[1].labels.set([Label.objects.create(word=word) for word in ("b", "a", "=c")])
    Remark.objects.create(about=made[1], text="said")
    return made


@pytest.mark.parametrize("fmt", sorted(WRITERS))
@pytest.mark.parametrize(
    "options",
    [
        Options(), Options(raw=True), Options(guard=False, delimiter=";"),
        Options(zone="Europe/Berlin"), Options(zone="Asia/Kathmandu", delimiter="\t"),
    ],
    ids=lambda options: f"{options.zone}-{options.raw}-{options.delimiter!r}",
)  # fmt: skip
def test_both_halves_give_the_same_bytes_for_every_type_and_text(parcels, fmt, options):
    request = ExportRequest(resource="parcels", format=fmt, options=options)
    plan = exports.planned(request, by=None)
    rendered, tally, at = by_sql(plan)
    again, counted = by_python(plan, at)
    assert rendered.split(b"\n") == again.split(b"\n")
    assert tally.guarded == counted.guarded
    assert tally.guarded > 0 or fmt != "csv" or not plan.options.guard
