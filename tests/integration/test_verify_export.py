"""The command that proves a file, and names what was done to it."""

import gzip
import io
import json
import zipfile
from base64 import urlsafe_b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import connection

from tests.sample.models import Parcel
from waybill import exports, keys
from waybill.store.rows import rows_of
from waybill.values import ExportRequest, Options
from waybill.write.encode import WRITERS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_folder")]

FORMS = [
    ("csv", ""),
    ("csv", "gzip"),
    ("ndjson", ""),
    ("ndjson", "gzip"),
    ("json", ""),
    ("excel", ""),
]
# What concerns the receipt alone needs no other form.
PLAIN = pytest.mark.parametrize("exported", [("csv", "")], indirect=True)
NASTY = ["two\nlines", 'a "quoted" one', "comma, and\r\nmore", "", '"', "</row><row>", "],[", "}"]


MADE = {}


@pytest.fixture(params=[one for one in FORMS if one[0] in WRITERS], ids="".join)
def exported(request, tmp_path):
    """Give a file of 50,100 rows, two blocks, with its receipt; each form is written once."""
    form, compression = request.param
    path = tmp_path / f"file.{form}"
    beside = path.with_name(path.name + ".receipt.json")
    if request.param not in MADE:
        write(path, form, compression)
        MADE[request.param] = (path.read_bytes(), beside.read_bytes())
    path.write_bytes(MADE[request.param][0])
    beside.write_bytes(MADE[request.param][1])
    return path


def write(path, form, compression):
    Parcel.objects.bulk_create(Parcel(code=text, text=text) for text in NASTY)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sample_parcel (code, text, size, fragile, data, token)"
            " SELECT 'P-' || n, 'load', 's', false, '{}', gen_random_uuid()"
            " FROM generate_series(1, 50092) AS n"
        )
    asked = ExportRequest(
        resource="parcels",
        format=form,
        columns=("id", "code", "text"),
        options=Options(compression=compression),
    )
    exports.write_file(asked, path, by=None)


@pytest.fixture
def receipt(exported):
    return exported.with_name(exported.name + ".receipt.json")


def said(exported, receipt, capsys):
    call_command("verify_export", str(exported), str(receipt))
    return capsys.readouterr().out


def refused(exported, receipt):
    with pytest.raises(CommandError) as refusal:
        call_command("verify_export", str(exported), str(receipt))
    return str(refusal.value)


def plain(path):
    """Tell whether the bytes of rows stand in the file as they are."""
    return path.suffix in {".csv", ".ndjson", ".json"} and path.read_bytes()[:2] != b"\x1f\x8b"


def test_a_file_as_it_was_made_is_complete_and_unchanged(exported, receipt, capsys):
    assert "Complete and unchanged: 50,100 rows" in said(exported, receipt, capsys)


def test_one_changed_letter_is_placed_in_its_block(exported, receipt):
    data = exported.read_bytes()
    if plain(exported):
        at = data.rindex(b"load")
        exported.write_bytes(data[:at] + b"lord" + data[at + 4 :])
        assert "The first difference lies in the rows 50,001 to 50,100." in refused(
            exported, receipt
        )
    else:
        exported.write_bytes(data[:1000] + bytes([data[1000] ^ 1]) + data[1001:])
        assert "SHA-256 differs" in refused(exported, receipt)


def shortened(path):
    """Take the row in the middle of the first block out of a file, and leave the rest whole."""
    if path.suffix == ".excel":
        return without_row_of_sheet(path)
    packed = not plain(path)
    data = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    lines = data.split(b"\n")
    del lines[25_000]
    left = b"\n".join(lines)
    return gzip.compress(left) if packed else left


def without_row_of_sheet(path):
    """Write the workbook again with a row less on its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as left:
        for part in book.infolist():
            data = book.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                rows = data.split(b"</row>")
                del rows[25_000]
                data = b"</row>".join(rows)
            left.writestr(part.filename, data)
    return out.getvalue()


def test_a_changed_row_of_a_workbook_is_placed_although_a_text_before_it_is_too_long(tmp_path):
    path = tmp_path / "file.excel"
    Parcel.objects.create(code="0", text="long " * 10_000)
    write(path, "excel", "")
    changed = io.BytesIO()
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(changed, "w") as left:
        assert b"Long texts" in book.read("xl/workbook.xml")
        for part in book.infolist():
            data = book.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                at = data.rindex(b"load")
                data = data[:at] + b"lord" + data[at + 4 :]
            left.writestr(part.filename, data)
    path.write_bytes(changed.getvalue())

    told = refused(path, path.with_name(path.name + ".receipt.json"))

    assert "The first difference lies in the rows 50,001 to 50,101." in told


def test_a_missing_row_is_counted(exported, receipt):
    exported.write_bytes(shortened(exported))
    told = refused(exported, receipt)
    assert "holds 50,099 rows; its receipt says 50,100" in told
    assert "the rows 1 to 50,000" in told


def test_a_cut_off_file_is_told(exported, receipt):
    data = exported.read_bytes()
    exported.write_bytes(data[: len(data) * 2 // 3])
    assert "its receipt says" in refused(exported, receipt)


@PLAIN
def test_a_receipt_that_was_changed_is_told(exported, receipt):
    changed = json.loads(receipt.read_text()) | {"filters": ["Status: Open"]}
    receipt.write_text(json.dumps(changed))
    assert "receipt was changed" in refused(exported, receipt)


@PLAIN
def test_a_receipt_of_somebody_elses_key_is_told(exported, receipt, settings, tmp_path):
    settings.WAYBILL = {**settings.WAYBILL, "keys_dir": tmp_path / "others"}
    assert "not signed by this installation" in refused(exported, receipt)


def test_a_receipt_stays_good_after_the_key_was_changed(settings, tmp_path, capsys):
    settings.WAYBILL = {**settings.WAYBILL, "keys_dir": tmp_path / "keys"}
    path = tmp_path / "file.csv"
    exports.write_file(ExportRequest(resource="parcels"), path, by=None)
    old = keys.signing_key().id
    assert keys.rotate_signing_key().id != old
    assert list(keys.public_keys()) == [keys.signing_key().id, old]
    receipt = path.with_name("file.csv.receipt.json")
    assert "Complete and unchanged" in said(path, receipt, capsys)


@PLAIN
def test_what_is_no_receipt_is_told(exported, receipt):
    receipt.write_text("[]")
    assert "is not a receipt" in refused(exported, receipt)
    receipt.unlink()
    assert f"{receipt}: No such file" in refused(exported, receipt)


def without(name):
    return lambda said: said.pop(name)


def put(**changes):
    return lambda said: said.update(changes)


HOSTILE = {
    "no_rows": without("rows"),
    "rows_of_text": put(rows="5"),
    "rows_below_zero": put(rows=-1),
    "bytes_of_nothing": put(bytes=None),
    "a_true_for_a_number": put(bytes=True),
    "options_of_text": put(options="compression"),
    "an_unknown_compression": put(options={"compression": "zip"}),
    "blocks_of_a_number": put(blocks=5),
    "blocks_of_others": put(blocks=[{"a": 1}]),
    "an_unknown_format": put(format="zzz"),
    "a_list_for_a_format": put(format=[]),
    "a_number_for_a_hash": put(sha256=5),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
@PLAIN
def test_a_receipt_of_other_types_is_no_receipt(change, exported, receipt):
    said = json.loads(receipt.read_text())
    change(said)
    receipt.write_text(json.dumps(said))
    assert "is not a receipt" in refused(exported, receipt)


@pytest.mark.parametrize("text", ["[" * 200_000, "{", "5", '"rows"', "\x00", "\ufeff{}"])
@PLAIN
def test_a_text_that_is_no_receipt_is_told(text, exported, receipt):
    receipt.write_text(text)
    assert "is not a receipt" in refused(exported, receipt)


@PLAIN
def test_nothing_is_looked_for_in_a_file_whose_receipt_is_not_ours(exported, receipt, monkeypatch):
    said = json.loads(receipt.read_text()) | {"format": "ndjson", "rows": 5}
    receipt.write_text(json.dumps(said))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    monkeypatch.setattr(gzip, "GzipFile", None)
    assert "holds" not in refused(exported, receipt)


ENDLESS = {
    ("csv", ""): b'a,"' + b"x" * 3_000,
    ("csv", "gzip"): gzip.compress(b"x" * 3_000),
    ("ndjson", ""): b"x" * 3_000,
    ("json", ""): b'"data": [\n' + b"x" * 3_000,
}


@pytest.mark.parametrize(("form", "compression"), ENDLESS, ids=str)
def test_a_row_without_an_end_is_not_held(form, compression, tmp_path):
    path = tmp_path / "endless"
    path.write_bytes(ENDLESS[form, compression])
    with pytest.raises(ValueError, match="more than 2000 bytes"):
        list(rows_of(path, form=form, compression=compression, expected=5, longest=2_000))


def test_many_lines_within_one_quote_are_not_held(tmp_path):
    path = tmp_path / "endless"
    path.write_bytes(b'head\n"' + b"x\n" * 2_000)
    with pytest.raises(ValueError, match="more than 2000 bytes"):
        list(rows_of(path, form="csv", compression="", expected=5, longest=2_000))


def test_a_row_without_an_end_on_a_sheet_is_not_held(tmp_path):
    path = tmp_path / "endless"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"<row>" + b"x" * 3_000_000)
    with pytest.raises(ValueError, match="more than 2000 bytes"):
        list(rows_of(path, form="excel", compression="", expected=5, longest=2_000))


@PLAIN
def test_anybody_can_check_a_signature_by_the_public_keys(exported, receipt, client):
    """J6: with the keys that are served and nothing of ours."""
    served = client.get("/api/v1/keys").json()["data"]
    said = json.loads(receipt.read_text())
    signature = urlsafe_b64decode(said.pop("signature"))
    (public,) = (one["public_key"] for one in served if one["key"] == said["key"])
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(public))
    key.verify(signature, text)
    with pytest.raises(InvalidSignature):
        key.verify(signature, text.replace(b"50100", b"50101"))


def test_the_command_changes_the_key_that_signs(settings, tmp_path, capsys):
    settings.WAYBILL = {**settings.WAYBILL, "keys_dir": tmp_path / "keys"}
    old = keys.signing_key().id
    call_command("rotate_signing_key")
    new = capsys.readouterr().out.strip()
    assert list(keys.public_keys()) == [new, old]


def test_a_key_from_the_environment_changes_by_another_one_before_it(settings, tmp_path):
    settings.WAYBILL = {**settings.WAYBILL, "keys_dir": tmp_path, "signing_key": "one"}
    old = keys.signing_key().id
    with pytest.raises(CommandError, match="before the old one"):
        call_command("rotate_signing_key")
    settings.WAYBILL = {**settings.WAYBILL, "signing_key": "two one"}
    assert keys.signing_key().id != old
    assert list(keys.public_keys()) == [keys.signing_key().id, old]
