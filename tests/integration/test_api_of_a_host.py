"""Any host project's exports have the same API, by their declaration alone."""

import csv
import io
import json

import pytest

from tests.sample.models import Parcel, Shelf
from waybill import registry
from waybill.models import ExportJob
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

PARCELS = "/api/v1/parcels/export"


@pytest.fixture
def as_dan(calling, dan):
    """Somebody without any right of Desk: the host's own policy lets everybody start parcels."""
    shelf = Shelf.objects.create(name="Top", position=1)
    Parcel.objects.bulk_create(
        Parcel(code=f"P-{number}", number=number, shelf=shelf) for number in range(12)
    )
    return calling(dan)


def post(client, body, at=PARCELS):
    return client.post(at, json.dumps(body), content_type="application/json")


def test_every_registered_export_has_an_address_with_its_own_names(as_dan):
    document = as_dan.get("/api/v1/openapi.json").json()
    for name in registry.names():
        body = document["paths"][f"/api/v1/{name}/export"]["post"]["requestBody"]
        fields = body["content"]["application/json"]["schema"]["properties"]
        known = [column.name for column in registry.get(name).columns]
        assert fields["columns"]["anyOf"][0]["items"]["enum"] == known


def test_a_host_export_comes_at_once_by_its_own_filters_and_columns(as_dan):
    body = {"columns": ["code", "shelf"], "filters": {"number": [3, 4]}, "sort": "-number"}
    answer = post(as_dan, body)
    assert (answer.status_code, answer["X-Row-Count"]) == (200, "2")
    assert answer["Content-Disposition"].startswith('attachment; filename="parcels_')
    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == ["P-4", "P-3"]


def test_a_host_export_is_followed_and_fetched_like_any(as_dan):
    said = post(as_dan, {"async": True, "format": "ndjson"}).json()
    run(str(ExportJob.objects.get().pk))
    job = as_dan.get(said["status_url"]).json()
    assert (job["status"], job["resource_type"], job["exported_items"]) == (
        "completed", "parcels", 12,
    )  # fmt: skip
    lines = b"".join(as_dan.get(job["download_url"])).splitlines()
    assert len(lines) == 12


def test_a_host_policy_of_its_own_decides(as_dan):
    refused = post(as_dan, {}, at="/api/v1/shelves/export")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert post(as_dan, {}, at="/api/v1/notes/export").status_code == 404
