"""What load balancers see."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from desk.people.models import User
from tests.factories.jobs import requested
from waybill import health
from waybill.jobs import presence
from waybill.models import ExportJob


def test_healthz_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_tells_the_parts_apart(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "ready": True,
            "checks": {
                "database": "ok",
                "storage": "ok",
                "queue": "ok",
                "workers": "none seen",
            },
        },
    )


@pytest.mark.django_db
def test_a_storage_that_cannot_be_written_is_told_and_pages_go_on(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.WAYBILL = {**settings.WAYBILL, "files_dir": tmp_path / "file", "storage": ""}
    health._storage.clear()

    answer = client.get("/readyz")

    health._storage.clear()
    assert answer.status_code == 200
    assert answer.json()["checks"]["storage"].startswith("does not answer")


@pytest.mark.django_db
def test_exports_that_nobody_takes_are_told(client: Client, ada: User) -> None:
    job = requested(ada)
    ExportJob.objects.filter(pk=job.pk).update(queued_at="2020-01-01T00:00:00Z")

    assert client.get("/readyz").json()["checks"]["queue"].startswith("1 waiting")


@pytest.mark.django_db
def test_workers_that_are_there_are_counted(client: Client) -> None:
    presence.beat("w1")
    presence.beat("w2")

    assert client.get("/readyz").json()["checks"]["workers"] == "2 there"
