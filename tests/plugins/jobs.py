"""A person with exports, and a doorbell that only notes who rang."""

import uuid

import pytest
from django.contrib.auth import get_user_model

from tests.factories.jobs import RINGS

__all__ = ["person", "quiet_doorbell"]


@pytest.fixture
def quiet_doorbell(settings):
    """Wake no worker, and wait for nothing between attempts."""
    settings.WAYBILL = {
        **settings.WAYBILL,
        "doorbell": "tests.factories.jobs.heard",
        "lease_seconds": 20,
        "attempt_gap_seconds": 0,
    }
    RINGS.clear()


@pytest.fixture
def person(job_database):
    """Make a person in the database of the test."""
    return get_user_model().objects.create_user(f"p-{uuid.uuid4()}", display_name="Ada")
