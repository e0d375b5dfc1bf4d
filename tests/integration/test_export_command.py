"""`waybill_export` as people and scripts call it."""

import hashlib
import io
import json
import os
import zipfile
from threading import Thread

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line

from tests.sample.models import Note, Parcel
from waybill import exports
from waybill.store.seal import signed_by_us
from waybill.values import ExportRequest, Options
from waybill.write import csv

pytestmark = pytest.mark.django_db(transaction=True)


def called(*words):
    """Run the command as a shell does; checks would ask the databases of other tests too."""
    execute_from_command_line(["desk", "export", "--skip-checks", *words])


def test_a_file_and_its_receipt_are_written_and_nothing_else(tmp_path):
    Parcel.objects.create(code="one")
    path = tmp_path / "parcels.csv"
    call_command("waybill_export", "parcels", columns="code", output=str(path), verbosity=0)
    receipt = json.loads((tmp_path / "parcels.csv.receipt.json").read_text())
    assert path.read_bytes() == b"\xef\xbb\xbfCode\none\n"
    assert receipt["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert receipt["rows"] == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "options", "begins"),
    [
        ("parcels.xlsx", [], b"PK"),
        ("PARCELS.XLSX", [], b"PK"),
        ("parcels.json", [], b'{"metadata": '),
        ("parcels.ndjson", [], b'{"code":"one"}'),
        ("parcels.csv.gz", [], b"\x1f\x8b"),
        ("parcels.ndjson.gz", [], b"\x1f\x8b"),
        ("parcels.txt", [], b"\xef\xbb\xbfCode"),
        ("xlsx", [], b"\xef\xbb\xbfCode"),
        ("parcels.csv", ["--gzip"], b"\x1f\x8b"),
        ("parcels.xlsx", ["--format", "csv"], b"\xef\xbb\xbfCode"),
    ],
)
def test_a_name_says_the_format_where_no_option_does(tmp_path, name, options, begins):
    Parcel.objects.create(code="one")
    called("parcels", "--columns", "code", *options, "-o", str(tmp_path / name), "-v", "0")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_name_that_asks_for_what_a_format_cannot_is_refused(tmp_path):
    with pytest.raises(SystemExit) as caught:
        called("parcels", "-o", str(tmp_path / "parcels.xlsx.gz"))
    assert caught.value.code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_failing_export_leaves_no_file(tmp_path, monkeypatch):
    Parcel.objects.create(code="one")

    def stop(self, plan, snapshot, chunks, children):
        yield b"something"
        raise KeyboardInterrupt

    monkeypatch.setattr(csv.CsvWriter, "frame", stop)
    with pytest.raises(CommandError) as caught:
        call_command("waybill_export", "parcels", output=str(tmp_path / "x.csv"), verbosity=0)
    assert caught.value.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"columns": "code,nope"}, "“nope” is not a column of this export. Accepted: id, code"),
        ({"filter": ["nope=1"]}, "“nope” is not a filter"),
        ({"filter": ["number=many"]}, "The filter number does not understand “many”"),
        ({"filter": ["number"]}, "NAME=VALUE"),
        ({"sort": "nope"}, "cannot be sorted by “nope”"),
        ({"format": "pdf"}, "“pdf” is not a known format. Accepted: csv, excel, json, ndjson."),
        ({"zone": "Mars/Base"}, "The option zone does not take “Mars/Base”"),
        ({"delimiter": "::"}, "The option delimiter does not take “::”"),
        ({"view": "Mine"}, "no saved view named “Mine”"),
        ({"person": "nobody"}, "“nobody” is not accepted"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_with_what_would_be(tmp_path, given, said):
    with pytest.raises(CommandError) as caught:
        call_command("waybill_export", "parcels", output=str(tmp_path / "x.csv"), **given)
    assert said in str(caught.value)
    assert caught.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["--sort", "-code"], ["-b", "-a", "+c"]),
        (["--sort", "-size,-code"], ["-b", "-a", "+c"]),
        (["--search", "-a", "--sort", "code"], ["-a"]),
        (["--filter", "number=-1", "--search", "--a--"], []),
        (["--sort=-code", "--filter", "number=-1"], ["-b"]),
    ],
)
def test_a_value_may_begin_with_a_dash_as_in_the_help(tmp_path, words, codes):
    for code, number in (("-a", 1), ("-b", -1), ("+c", 2)):
        Parcel.objects.create(code=code, number=number)
    path = tmp_path / "x.csv"
    asked = ["parcels", "--columns", "code", "--no-guard", *words, "-o", str(path), "-v", "0"]
    called(*asked)
    assert path.read_text("utf-8-sig").split("\n")[1:-1] == codes


@pytest.mark.parametrize("words", [["--search", "--raw"], ["--sort"]])
def test_an_option_is_no_value_of_the_one_before_it(tmp_path, capsys, words):
    with pytest.raises(SystemExit) as caught:
        called("parcels", "-o", str(tmp_path / "x"), *words)
    assert caught.value.code == 2
    assert f"argument {words[0]}: expected one argument" in capsys.readouterr().err


@pytest.mark.parametrize("children", [False, True])
def test_a_pipe_or_a_device_takes_the_bytes_and_stays_what_it_is(tmp_path, children):
    Note.objects.create(parcel=Parcel.objects.create(code="one"), body="left")
    pipe, got = tmp_path / "pipe.csv", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    words = ["--columns", "code", *(["--children"] if children else []), "-v", "0"]
    called("parcels", *words, "-o", str(pipe))
    assert pipe.is_fifo()
    reader.join(10)
    assert [*tmp_path.iterdir()] == [pipe]
    if children:
        names = zipfile.ZipFile(io.BytesIO(got[0])).namelist()
        assert names == ["parcels.csv", "parcels-notes.csv"]
    else:
        assert got == [b"\xef\xbb\xbfCode\none\n"]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    Parcel.objects.create(code="one")
    link, file = tmp_path / "latest.csv", tmp_path / "kept" / "parcels.csv"
    file.parent.mkdir()
    link.symlink_to(file)
    for _time in range(2):
        call_command("waybill_export", "parcels", columns="code", output=str(link), verbosity=0)
        assert link.is_symlink()
        assert file.read_bytes() == b"\xef\xbb\xbfCode\none\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "kept", "latest.csv", "latest.csv.receipt.json",
    ]  # fmt: skip
    assert [*file.parent.iterdir()] == [file]


def test_a_folder_is_no_file_to_write_to(tmp_path):
    with pytest.raises(CommandError, match=r"Is a directory") as caught:
        call_command("waybill_export", "parcels", output=str(tmp_path), verbosity=0)
    assert caught.value.returncode == 1


def test_child_rows_go_to_a_file_of_their_own_with_a_receipt(tmp_path):
    first, second = (Parcel.objects.create(code=code) for code in "ab")
    for parcel, body in ((second, "=late"), (first, "one"), (first, "two")):
        Note.objects.create(parcel=parcel, body=body)
    Note.objects.create(parcel=Parcel.objects.create(code="other"), body="not asked for")
    export(tmp_path, first, second)
    lines = (tmp_path / "parcels-notes.csv").read_text("utf-8-sig").splitlines()
    receipt = json.loads((tmp_path / "parcels-notes.csv.receipt.json").read_text())
    assert [line.split(",")[:2] for line in lines[1:]] == [
        [str(first.pk), "one"],
        [str(first.pk), "two"],
        [str(second.pk), "'=late"],
    ]
    assert (receipt["rows"], receipt["guarded"], receipt["resource"]) == (3, 1, "notes")
    assert signed_by_us(receipt)


def export(folder, *parcels):
    """Write the chosen parcels with their notes."""
    request = ExportRequest(
        resource="parcels",
        selected=tuple(str(parcel.pk) for parcel in parcels),
        options=Options(children=True),
    )
    exports.write_file(request, folder / "parcels.csv", by=None)
