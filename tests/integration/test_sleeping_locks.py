"""A process that stands still amid a transaction does not hold up everybody for ever."""

import time

import pytest
from django.db import InternalError, connection, connections, transaction

from desk.apps import IDLE_SECONDS
from tests.factories.jobs import requested
from tests.factories.workers import AS_SHIPPED
from waybill.checks import check_databases
from waybill.jobs import audit, queries
from waybill.work.patience import patiently

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


@pytest.fixture
def sleeper():
    """Give a connection of its own, as another process has one."""
    other = connections.create_connection("default")
    try:
        yield other
    finally:
        other.close()


def test_every_connection_is_bounded(sleeper):
    for one in (connection, sleeper):
        with one.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            assert cursor.fetchone() == (f"{IDLE_SECONDS}s",)
    assert AS_SHIPPED["lease_seconds"] / 2 >= IDLE_SECONDS


def test_who_sleeps_on_the_end_of_the_log_lets_it_go(sleeper, ada):
    """FAULTS 3: stopped, or cut off from the network, amid a line of the log."""
    first = requested(ada)
    with sleeper.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '300ms'")
        sleeper.set_autocommit(False)
        cursor.execute("UPDATE waybill_audithead SET length = length")

        second = requested(ada)  # waits for the sleeper, and no longer than it may sleep

        with pytest.raises(InternalError):
            cursor.execute("SELECT 1")
    assert {queries.get(job.pk).status for job in (first, second)} == {"pending"}
    assert list(audit.verify()) == []


def test_who_slept_tries_again(db):
    asleep = ["once"]

    def work():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
            if asleep:
                time.sleep(0.5)
                asleep.clear()
            cursor.execute("SELECT 1")
            return cursor.fetchone()[0]

    assert patiently(work) == 1


@pytest.mark.parametrize(
    ("idle", "found"), [("0", ["waybill.W004"]), ("11s", ["waybill.W004"]), ("10s", []), ("1s", [])]
)
def test_a_sleep_that_outlasts_the_leases_of_others_is_told(idle, found, settings):
    settings.WAYBILL = {**settings.WAYBILL, "lease_seconds": 20}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{idle}'")
        assert [each.id for each in check_databases(None, databases=["default"])] == found
