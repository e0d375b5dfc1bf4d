"""A dry run says what an export would give, whatever its rows hold, and in time."""

import json

import pytest

from tests.sample.models import Parcel, Wagon
from waybill import errors, exports
from waybill.models import ExportLog
from waybill.values import Options
from waybill.work import trial

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

LONG = 'say "so"; \n' * 40_000  # the csv module takes no cell of that length


@pytest.mark.parametrize("form", ["csv", "excel"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_preview_holds_every_cell_as_it_stands(form, delimiter):
    Parcel.objects.create(code="=1", text=LONG)
    Parcel.objects.create(code='a"b, c;\r\nd', text="")
    options = Options(delimiter=delimiter if form == "csv" else ",")
    asked = {"columns": ("day", "code", "text"), "sort": ("id",), "options": options}
    said = exports.dry_run("parcels", by=None, format=form, **asked)
    guarded = "'=1" if form == "csv" else "=1"
    assert said.preview == [
        {"day": "", "code": guarded, "text": LONG},
        {"day": "", "code": 'a"b, c;\r\nd', "text": ""},
    ]


@pytest.mark.parametrize("form", ["csv", "excel", "json", "ndjson"])
def test_a_column_of_nulls_alone_is_previewed(form):
    Parcel.objects.create(code="one")
    said = exports.dry_run("parcels", by=None, format=form, columns=("day",))
    assert said.preview == [{"day": None if "json" in form else ""}]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_dry_run_takes_no_longer_than_the_count_before_an_export(form, settings):
    Wagon.objects.bulk_create(Wagon(pk=number, word="w") for number in range(10))
    settings.WAYBILL = {**settings.WAYBILL, "count_seconds": 0.1}
    with pytest.raises(errors.TimeLimit):
        exports.dry_run("naps", by=None, format=form)
    settings.WAYBILL = {**settings.WAYBILL, "count_seconds": 30}
    assert len(exports.dry_run("naps", by=None, format=form).preview) == 10


def test_what_cannot_come_at_once_is_refused_before_the_work(calling, ada, settings, monkeypatch):
    client = calling(ada)
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows_forced": 0}
    monkeypatch.setattr(trial, "snapshot", None)
    Parcel.objects.create(code="one")
    body = json.dumps({"dry_run": True, "async": False})
    refused = client.post("/api/v1/parcels/export", body, content_type="application/json")
    assert (refused.status_code, refused.json()["field"]) == (422, "async")
    assert not ExportLog.objects.filter(resource="parcels").exists()
