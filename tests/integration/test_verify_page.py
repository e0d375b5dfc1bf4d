"""The page that a file and its receipt are dropped on, and what a stranger may send to it."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.urls import reverse

from tests.sample.models import Parcel
from waybill import exports
from waybill.staff import prove
from waybill.values import ExportRequest

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
def kept(monkeypatch):
    """Give how many bytes were written to files for an upload."""
    seen = {"file": 0, "receipt": 0}
    real = TemporaryFileUploadHandler.receive_data_chunk

    def counted(self, raw_data, start):
        seen[self.field_name] += len(raw_data)
        return real(self, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", counted)
    return seen


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


def test_of_a_file_that_is_longer_than_its_receipt_says_no_more_is_kept(pat, made, kept):
    file, receipt = made
    longer = file + b"x" * 3_000_000
    assert "longer than its receipt says" in told(pat, receipt=receipt, file=longer)
    assert kept["file"] <= len(file)


def test_without_a_receipt_of_ours_no_byte_of_the_file_is_kept(pat, made, kept):
    file, receipt = made
    forged = json.dumps(json.loads(receipt) | {"bytes": 10**12}).encode()
    assert "not signed by this installation" in told(pat, receipt=forged, file=file)
    assert "is not a receipt" in told(pat, receipt=b"[]", file=file)
    assert "Send the receipt before the file" in told(pat, file=file, receipt=receipt)
    assert kept["file"] == 0


def test_a_receipt_that_is_too_long_is_not_kept(pat, made, kept, monkeypatch):
    monkeypatch.setattr(prove, "RECEIPT_BYTES", 1_000)
    assert "too long" in told(pat, receipt=b" " * 100_000, file=made[0])
    assert kept["receipt"] == kept["file"] == 0


def test_both_are_asked_for(pat, made):
    assert "Choose both" in told(pat, receipt=made[1])
    assert "Choose both" in told(pat)
