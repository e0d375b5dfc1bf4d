"""The bodies of the API have exactly the fields that A1 to A3 name."""

import pytest

from desk.assets.filters import AssetFilter
from desk.tickets.filters import TicketFilter
from waybill.api.app import api

JOB = (
    "export_id resource_type format status stage percent attempt delivery columns filters error "
    "downloads email_sent_at total_items exported_items failed_items success_rate message "
    "created_at started_at completed_at expires_at file_size sha256 download_url"
)
LINE = "event message processed_items current_batch total_batches duration_ms actor created_at"
ACCEPTED = "export_id status message estimated_wait status_url logs_url"
ASKED = (
    "format columns filters search sort view async dry_run email_notification "
    # Beyond A1: labels of one's own (F6) and the options of files (F1, F5).
    "labels options"
)
RANGES = "created_from created_to updated_from updated_to due_from due_to"
TICKETS = f"status_id priority_id is_open is_resolved type_id assigned_to {RANGES}"
ASSETS = (
    "status_id location_id assigned_to manufacturer_id asset_type_id purchased_from purchased_to "
    "warranty_from warranty_to created_from created_to"
)


@pytest.fixture(scope="module")
def document():
    return api.get_openapi_schema()


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ("Job", JOB),
        ("LogLine", LINE),
        ("Accepted", ACCEPTED),
        ("JobPage", "data pagination"),
        ("LogPage", "data pagination"),
        ("JobError", "code message"),
    ],
)
def test_a_body_has_exactly_its_fields(schema, names, document):
    found = document["components"]["schemas"][schema]
    assert set(found["properties"]) == set(names.split())
    assert set(found["required"]) == set(names.split())


@pytest.mark.parametrize(("name", "filters"), [("tickets", TICKETS), ("assets", ASSETS)])
def test_a_start_takes_exactly_its_fields(name, filters, document):
    body = document["paths"][f"/api/v1/{name}/export"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == set(ASKED.split())
    assert schema["additionalProperties"] is False
    assert schema["properties"]["format"]["default"] == "csv"
    assert schema["properties"]["email_notification"]["default"] is True
    assert set(filters.split()) <= set(schema["properties"]["filters"]["properties"])
    assert schema.get("required", []) == []


def test_the_filters_are_those_of_the_lists(document):
    for name, declared in (("tickets", TicketFilter), ("assets", AssetFilter)):
        body = document["paths"][f"/api/v1/{name}/export"]["post"]["requestBody"]
        fields = body["content"]["application/json"]["schema"]["properties"]
        assert set(fields["filters"]["properties"]) == set(declared.base_filters)


def test_the_addresses_are_those_of_a3(document):
    found = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in document["paths"].items()
        for method in operations
        if not path.endswith("/export") or "tickets" in path or "assets" in path
    }
    assert found == {
        "POST /tickets/export",
        "POST /assets/export",
        "GET /exports",
        "GET /exports/{export_id}",
        "GET /exports/{export_id}/download",
        "GET /exports/{export_id}/logs",
        "GET /exports/{export_id}/receipt",
        "POST /exports/{export_id}/retry",
        "POST /exports/{export_id}/cancel",
        "DELETE /exports/{export_id}",
        "GET /keys",  # the public keys that receipts are signed by (J6)
    }
    listed = document["paths"]["/api/v1/exports"]["get"]["parameters"]
    assert {one["name"] for one in listed} == {
        "status", "resource_type", "format", "date_from", "date_to", "cursor", "limit",
    }  # fmt: skip
    [limit] = [one["schema"] for one in listed if one["name"] == "limit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 200, 50)
