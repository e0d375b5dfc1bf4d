"""What a request may ask for, and what becomes of it under the rights of the person."""

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.sample.models import Parcel
from waybill import clock, errors, exports
from waybill.plan import options
from waybill.plan.build import build
from waybill.plan.freeze import freeze
from waybill.values import ExportRequest, FrozenRequest, Options

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 1, 13, tzinfo=UTC)
SECRETS = ("secret", "veiled", "digest")


def someone(*rights, active=True, zone=""):
    return SimpleNamespace(
        pk=7, is_active=active, time_zone=zone, has_perm=lambda right: right in rights
    )


def asked(**what):
    return ExportRequest(resource="parcels", **what)


def cells(plan):
    out = io.BytesIO()
    receipt = exports.write(plan, out)
    return [line.split(",") for line in out.getvalue().decode("utf-8-sig").splitlines()], receipt


def test_without_the_right_a_column_is_left_out_masked_or_hashed():
    Parcel.objects.create(code="12345")
    plan = exports.planned(asked(columns=("code", "veiled", "digest")), by=someone())
    [header, [code, veiled, digest]], receipt = cells(plan)
    assert header == ["Code", "Veiled", "Digest"]
    assert (code, veiled) == ("12345", "•••")
    assert len(digest) == 32
    assert digest.isalnum()
    assert receipt["masks"] == {"veiled": "mask", "digest": "hash"}
    everything = exports.planned(asked(), by=someone())
    assert "secret" not in [column.key for column in everything.columns]
    trusted = exports.planned(asked(), by=someone("sample.see_secret"))
    assert {column.key for column in trusted.columns} >= set(SECRETS)
    assert not any(column.mask for column in trusted.columns)


def test_a_column_that_is_not_for_the_person_is_refused_as_if_it_were_not_there():
    with pytest.raises(errors.UnknownColumn) as caught:
        freeze(asked(columns=("code", "secret")), someone())
    assert "secret" not in caught.value.accepted


@pytest.mark.parametrize("key", SECRETS)
@pytest.mark.parametrize("way", ["", "-"])
def test_rows_cannot_be_sorted_by_what_the_person_may_not_see(key, way):
    with pytest.raises(errors.BadSort) as caught:
        freeze(asked(sort=(way + key,)), someone())
    assert key not in caught.value.accepted


def test_a_right_that_is_lost_after_the_request_takes_its_column_along():
    frozen = freeze(asked(columns=("code", "secret")), someone("sample.see_secret"))
    assert [column.key for column in build(frozen, someone()).columns] == ["code"]


def test_who_may_not_start_any_more_gets_nothing():
    frozen = freeze(asked(), someone())
    with pytest.raises(errors.RightLost):
        build(frozen, someone(active=False))
    with pytest.raises(errors.NotAllowed):
        freeze(asked(), someone(active=False))


def test_a_frozen_request_survives_being_kept_as_json():
    request = asked(
        columns=("code", "number"),
        labels={"code": "Kod"},
        filters={"number": ["1", "2"], "created_from": "last 7 days"},
        sort=("-code",),
        selected=("1",),
        options=Options(zone="Europe/Berlin", delimiter=";"),
    )
    frozen = freeze(request, someone())
    assert FrozenRequest.from_json(frozen.to_json()) == frozen
    assert frozen.resolved["created_from"] != "last 7 days"
    assert frozen.words[0] == "Number: 1, 2"


def test_columns_come_in_the_order_asked_for_under_the_labels_given():
    Parcel.objects.create(code="x", number=5)
    plan = exports.planned(asked(columns=("number", "code"), labels={"code": "=Kod"}), by=None)
    assert cells(plan)[0] == [["Number", "'=Kod"], ["5", "x"]]


def test_a_list_of_values_means_any_of_them_and_names_are_joined_by_and():
    for number in range(4):
        Parcel.objects.create(code=str(number), number=number, fragile=number % 2 == 0)
    filters = {"number": ["1", "2", "3"], "fragile": "true"}
    plan = exports.planned(asked(columns=("code",), filters=filters), by=None)
    assert cells(plan)[0] == [["Code"], ["2"]]


def test_a_search_keeps_the_rows_that_hold_the_text_and_an_empty_one_keeps_all():
    for code in ("needle", "hay NEEDLE", "hay"):
        Parcel.objects.create(code=code)
    found = cells(exports.planned(asked(columns=("code",), search=" needle "), by=None))[0]
    everything = cells(exports.planned(asked(columns=("code",), search="  "), by=None))[0]
    assert found == [["Code"], ["needle"], ["hay NEEDLE"]]
    assert len(everything) == 4


def test_selected_rows_are_the_rows():
    keys = [Parcel.objects.create(code=str(n)).pk for n in range(3)]
    chosen = (str(keys[0]), str(keys[2]))
    plan = exports.planned(asked(columns=("code",), selected=chosen), by=None)
    assert cells(plan)[0] == [["Code"], ["0"], ["2"]]
    empty = exports.planned(asked(columns=("code",), selected=()), by=None)
    assert cells(empty)[0] == [["Code"]]


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ({"columns": ()}, errors.UnknownColumn),
        ({"labels": {"nope": "x"}}, errors.UnknownColumn),
        ({"labels": {"code": "x" * 2000}}, errors.TooMuch),
        ({"search": "x" * 2000}, errors.TooMuch),
        ({"selected": tuple(map(str, range(20_000)))}, errors.TooMuch),
        ({"filters": {"number": list(range(2_000))}}, errors.TooMuch),
        ({"filters": {"number": [[1]]}}, errors.BadFilter),
        ({"filters": {"number": []}}, errors.BadFilter),
        ({"filters": {"number": "NaN"}}, errors.BadFilter),
        ({"filters": {"shelf__name": "x"}}, errors.UnknownFilter),
        ({"filters": {"number__gt": "1"}}, errors.UnknownFilter),
        ({"filters": {"_connector": "OR"}}, errors.UnknownFilter),
        ({"filters": {"shelf_id": "@me"}}, errors.BadFilter),
        ({"sort": ("?",)}, errors.BadSort),
        ({"sort": ("shelf__name",)}, errors.BadSort),
        ({"format": "pdf"}, errors.FormatUnknown),
        ({"options": Options(compression="zip")}, errors.BadOption),
        ({"format": "json", "options": Options(compression="gzip")}, errors.BadOption),
        ({"options": Options(zone="../etc/passwd")}, errors.BadOption),
        ({"options": Options(zone="posix/UTC")}, errors.BadOption),
        ({"options": Options(zone="localtime")}, errors.BadOption),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(what, error):
    with pytest.raises(error):
        freeze(asked(**what), None)


@pytest.mark.parametrize(
    ("zone", "asked_for", "shown"),
    [("Europe/Berlin", "", "Europe/Berlin"), ("Europe/Berlin", "UTC", "UTC"), ("", "", "UTC")],
)
def test_times_are_in_the_zone_asked_for_else_the_persons_else_the_sites(zone, asked_for, shown):
    """FAULTS 61."""
    frozen = freeze(asked(options=Options(zone=asked_for)), someone(zone=zone))
    assert frozen.request.options.zone == shown


def test_today_is_the_day_of_the_request_also_where_the_file_is_written_after_midnight(
    monkeypatch,
):
    """FAULTS 61."""
    for code, hour in {"yesterday": 22, "today": 23, "tomorrow": 47}.items():
        Parcel.objects.create(code=code, created=START + timedelta(hours=hour))
    set_clock(monkeypatch, START + timedelta(hours=46, minutes=59, seconds=59))
    frozen = freeze(
        asked(columns=("code",), filters={"created_from": "today"}), someone(zone="Europe/Berlin")
    )
    set_clock(monkeypatch, START + timedelta(hours=47, minutes=1))
    rows, _ = cells(build(FrozenRequest.from_json(frozen.to_json()), someone()))
    assert rows[1:] == [["today"]]


def set_clock(monkeypatch, moment):
    monkeypatch.setitem(clock.CLOCKS, "postgresql", f"SELECT timestamptz '{moment.isoformat()}'")


def test_every_zone_that_can_be_asked_for_is_known_to_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor.fetchall()}
    assert len(options.zones()) > 400
    assert options.zones() - known == set()


def test_a_first_column_that_could_be_taken_for_another_format_is_quoted():
    """FAULTS 54."""
    Parcel.objects.create(code="x")
    for label in ("ID", "IDs", "sep=;", "SEP=,"):
        quoted = f'\ufeff"{label}"\n'
        assert written({"code": label}, columns=("code",)).startswith(quoted)


def test_a_first_column_that_no_program_takes_for_another_format_is_not_quoted():
    """FAULTS 54: the file of SYLK begins with a large ID."""
    Parcel.objects.create(code="x")
    for label in ("Idle", "id", "iD", "separator", "sep"):
        assert written({"code": label}, columns=("code",)).startswith(f"\ufeff{label}\n")
    assert written({}, columns=("id", "code"), options=Options(raw=True)).startswith("id,code\n")


def written(labels, **what):
    """Write parcels as CSV."""
    out = io.BytesIO()
    exports.write(exports.planned(asked(labels=labels, **what), by=None), out)
    return out.getvalue().decode()


def test_rows_whose_key_has_several_columns_cannot_be_selected():
    with pytest.raises(errors.BadFilter, match="key of these rows has several columns"):
        freeze(ExportRequest(resource="seats", selected=("1",)), None)
