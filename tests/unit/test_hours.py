"""Clocks of a zone, remembered by the hour, against the zone itself."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from waybill.declare import kinds
from waybill.values import Options
from waybill.write import hours, text
from waybill.write.hours import EARLIEST, LATEST, Hours

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"]
MOMENTS = [
    datetime(2026, 3, 29, 0, 59, 59, 999_999, UTC),
    datetime(2026, 3, 29, 1, 0, 0, 0, UTC),
    datetime(2026, 10, 25, 0, 30, 15, 120_000, UTC),
    datetime(2026, 10, 25, 1, 30, 15, 120_000, UTC),
    datetime(2026, 4, 4, 15, 20, 0, 1, UTC),
    datetime(1880, 1, 1, 12, 7, 9, 0, UTC),
    datetime(1, 1, 1, 0, 0, 0, 0, UTC),
    datetime(1, 1, 3, 0, 0, 0, 0, UTC),
    datetime(9999, 12, 29, 23, 59, 59, 999_999, UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(2026, 7, 1, 12, 0, 0, 0, timezone(timedelta(hours=5, minutes=30))),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("zone", ZONES)
def test_a_time_is_shown_as_the_zone_itself_says(zone, moment):
    within = EARLIEST <= moment <= LATEST
    here = moment.astimezone(ZoneInfo(zone) if within else UTC).replace(tzinfo=None)
    shown = text.shown(kinds.DATETIME, Options(zone=zone))
    assert shown(moment) == shown(moment) == here.isoformat(" ", "seconds")


def test_an_hour_in_which_clocks_show_no_whole_hour_is_asked_for_each_time():
    found = Hours(ZoneInfo("America/New_York"), lambda begins: begins.hour)
    day = datetime(1883, 11, 18, tzinfo=UTC).toordinal() * 24  # from 4:56:02 behind UTC to 5:00
    assert [found[day + hour] for hour in (15, 16, 17, 18)] == [None, None, 12, 13]


def test_no_more_hours_are_remembered_than_the_limit(monkeypatch):
    monkeypatch.setattr(hours, "REMEMBERED", 10)
    found = Hours(ZoneInfo("UTC"), str)
    for hour in range(100 * 24, 103 * 24):
        assert found[hour]
        assert len(found) <= 10
