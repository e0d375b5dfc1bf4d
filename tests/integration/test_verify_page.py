"""The page that a file and its receipt are dropped on, and what a stranger may send to it."""

import json
import threading

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.sample.models import Parcel
from waybill import exports
from waybill.staff import prove
from waybill.store import check
from waybill.store.check import Check
from waybill.values import ExportRequest, Options

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_folder")]


@pytest.fixture
def pat(client):
    person = get_user_model().objects.create_user("pat", display_name="Pat")
    client.force_login(person)
    return client


@pytest.fixture
def made(tmp_path):
    Parcel.objects.bulk_create(Parcel(code=f"P-{number}", text="load") for number in range(500))
    path = tmp_path / "file.csv"
    exports.write_file(ExportRequest(resource="parcels"), path, by=None)
    return path.read_bytes(), path.with_name("file.csv.receipt.json").read_bytes()


@pytest.fixture
def looked_at(monkeypatch):
    """Give how many bytes of the file and of the receipt the page looked at."""
    seen = {"file": 0, "receipt": 0}
    feed, parse = Check.feed, prove.parse_receipt

    def counted(self, piece):
        seen["file"] += len(piece)
        return feed(self, piece)

    def parsed(text, **name):
        seen["receipt"] += len(text)
        return parse(text, **name)

    monkeypatch.setattr(Check, "feed", counted)
    monkeypatch.setattr(prove, "parse_receipt", parsed)
    return seen


@pytest.fixture(autouse=True)
def no_file_is_written(monkeypatch):
    """Nothing of an upload reaches a disk, whatever is sent."""
    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(f"tempfile.{name}", lambda *_a, **_k: pytest.fail("kept"))


def told(client, **parts):
    sent = {name: SimpleUploadedFile(name, data) for name, data in parts.items()}
    answer = client.post(reverse("waybill:verify"), sent)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_with_its_receipt_is_complete_and_unchanged(pat, made):
    file, receipt = made
    assert "Complete and unchanged: 500 rows" in told(pat, receipt=receipt, file=file)


def test_a_changed_file_is_told(pat, made):
    file, receipt = made
    changed = file.replace(b"load", b"lord", 1)
    assert "The first difference lies in the rows 1 to 500." in told(
        pat, receipt=receipt, file=changed
    )


def test_of_a_file_that_is_longer_than_its_receipt_says_no_more_is_read(pat, made, looked_at):
    file, receipt = made
    longer = file + b"x" * 3_000_000
    assert "longer than its receipt says" in told(pat, receipt=receipt, file=longer)
    assert looked_at["file"] <= len(file)


def test_without_a_receipt_of_ours_no_byte_of_the_file_is_read(pat, made, looked_at):
    file, receipt = made
    forged = json.dumps(json.loads(receipt) | {"bytes": 10**12}).encode()
    assert "not signed by this installation" in told(pat, receipt=forged, file=file)
    assert "is not a receipt" in told(pat, receipt=b"[]", file=file)
    assert "Send the receipt before the file" in told(pat, file=file, receipt=receipt)
    assert looked_at["file"] == 0


def test_a_receipt_that_is_too_long_is_not_read(pat, made, looked_at, monkeypatch):
    monkeypatch.setattr(prove, "RECEIPT_BYTES", 1_000)
    assert "too long" in told(pat, receipt=b" " * 100_000, file=made[0])
    assert looked_at["receipt"] == looked_at["file"] == 0


def test_both_are_asked_for(pat, made):
    assert "Choose both" in told(pat, receipt=made[1])
    assert "Choose both" in told(pat)


WAYS = [
    ("csv", ""),
    ("csv", "gzip"),
    ("ndjson", ""),
    ("ndjson", "gzip"),
    ("json", ""),
    ("excel", ""),
]


@pytest.fixture(params=WAYS, ids="-".join)
def any_made(request, tmp_path, parcels):
    """Give a file of each kind, which comes in several pieces, and its receipt."""
    form, packed = request.param
    path = tmp_path / "file"
    options = Options(compression=packed)
    exports.write_file(
        ExportRequest(resource="parcels", format=form, options=options), path, by=None
    )
    return path.read_bytes(), path.with_name("file.receipt.json").read_bytes()


def test_every_kind_of_file_is_checked_while_it_comes(pat, any_made):
    file, receipt = any_made

    assert "Complete and unchanged: 4,000 rows" in told(pat, receipt=receipt, file=file)
    cut = told(pat, receipt=receipt, file=file[:-200])
    assert "SHA-256 differs" in cut
    bent = bytearray(file)
    bent[len(file) // 2] ^= 1
    assert "SHA-256 differs" in told(pat, receipt=receipt, file=bytes(bent))


@pytest.mark.parametrize("other", [b"", b"PK", b"PK\x03\x04" + b"\xff" * 60, b"\x00" * 5_000])
def test_a_file_that_is_something_else_is_told(pat, any_made, other):
    _file, receipt = any_made
    said = told(pat, receipt=receipt, file=other)
    assert "SHA-256 differs" in said
    assert "Complete" not in said


def test_a_row_too_long_to_hold_is_no_fault_of_a_file_that_is_unchanged(pat, made, monkeypatch):
    monkeypatch.setattr(check, "LONGEST_ROW", 10)
    file, receipt = made
    assert "Complete and unchanged: 500 rows" in told(pat, receipt=receipt, file=file)
    changed = file.replace(b"load", b"lord", 1)
    assert "cannot be read to its end" in told(pat, receipt=receipt, file=changed)


def test_no_thread_is_left_however_the_request_ends(pat, made):
    file, receipt = made
    before = threading.active_count()
    told(pat, receipt=receipt, file=file + b"more")
    told(pat, receipt=receipt)
    pat.handler.enforce_csrf_checks = True
    sent = {"receipt": SimpleUploadedFile("r", receipt), "file": SimpleUploadedFile("f", file)}
    assert pat.post(reverse("waybill:verify"), sent).status_code == 403
    assert threading.active_count() == before
