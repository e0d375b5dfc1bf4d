"""The clocks and zones of servers change nothing in a file (FAULTS 108)."""

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

from tests.sample.models import Parcel
from waybill import exports
from waybill.values import ExportRequest, Options

FAR = "Asia/Kathmandu"
MOMENTS = [
    datetime(1901, 12, 13, 20, 45, 51, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


def exported(fmt: str) -> bytes:
    asked = ExportRequest(
        resource="parcels",
        format=fmt,
        columns=("code", "moment", "day", "clock"),
        options=Options(zone="Europe/Berlin"),
    )
    out = io.BytesIO()
    exports.write(exports.planned(asked, by=None), out)
    return out.getvalue()


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both servers in another zone: the process by its environment, the database by its setting."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET timezone TO '{FAR}'")
        monkeypatch.setenv("TZ", FAR)
        time.tzset()
        yield
        cursor.execute(f"ALTER DATABASE {name} RESET timezone")
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def before(transactional_db: None) -> dict[str, bytes]:
    """What each format gives before anything moves."""
    for number, moment in enumerate(MOMENTS):
        Parcel.objects.create(
            code=str(number), moment=moment, day=moment.date(), clock=moment.time()
        )
    return {fmt: exported(fmt) for fmt in ("csv", "ndjson")}


def test_the_zone_of_no_server_changes_a_byte(before: dict[str, bytes], moved: None) -> None:
    assert b"2038-01-19 04:14:08" in before["csv"]
    assert b"9999-12-31" in before["csv"]

    assert {fmt: exported(fmt) for fmt in before} == before


def test_times_are_stored_in_utc_wherever_the_server_stands(
    before: dict[str, bytes], moved: None
) -> None:
    assert list(Parcel.objects.order_by("moment").values_list("moment", flat=True)) == MOMENTS
