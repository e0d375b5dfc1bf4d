"""A whole Desk behind pgbouncer in transaction mode (FAULTS 28)."""

import hashlib

import psycopg
import pytest

from tests.factories.callers import Caller

pytestmark = pytest.mark.timeout(400)


def test_desk_works_through_a_pool_that_shares_connections_by_transaction(
    start_desk, bouncer, other_database
):
    """FAULTS 28: no setting of Desk's, only the address."""
    desk = start_desk("--workers", "2", DATABASE_URL=bouncer)
    desk.wait_until_ready()
    caller = Caller(desk, {"DATABASE_URL": bouncer})

    for form in ("csv", "excel", "json"):
        job, data = caller.export(format=form)
        assert hashlib.sha256(data).hexdigest() == job["sha256"]
        assert job["total_items"] == 300
    small = caller.ask("/api/v1/tickets/export", {"async": False})
    assert small.count(b"\n") > 300

    with psycopg.connect(other_database) as connection:
        (sessions,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert sessions <= 4
    audit = caller.command("verify_audit")
    assert audit.returncode == 0, audit.stderr
