"""What load balancers see."""

import pytest
from django.test import Client


def test_healthz_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_says_that_the_tables_are_up_to_date(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "checks": {"database": "ok"}},
    )
