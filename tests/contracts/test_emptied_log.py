"""A log that was emptied at one stroke, where the database has no trigger against it (G16)."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from tests.factories.jobs import claimed, finished
from waybill.jobs import audit, database, queries

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("job_database", "quiet_doorbell", "fresh_folder"),
    pytest.mark.parametrize("job_database", ["mariadb"], indirect=True),
]

CHAIN = ("waybill_exportlog", "waybill_audithead")


def told(*statements):
    with database.connection().cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def log(person):
    """Write the log of an export, and put it back after the test: others go on with this one."""
    job = queries.get(finished(claimed(person)).pk)
    told(*(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}" for table in CHAIN))
    yield job
    for table in CHAIN:
        told(
            f"TRUNCATE {table}",
            f"INSERT INTO {table} SELECT * FROM kept_{table}",
            f"DROP TABLE kept_{table}",
        )


def findings():
    return [str(finding) for finding in audit.verify()]


def test_an_emptied_log_is_shown_by_its_head(log):
    told("TRUNCATE waybill_exportlog")
    found = findings()
    assert "are missing at the end: removed" in found[0]
    assert any(str(log.pk) in one for one in found)
    with pytest.raises(CommandError):
        call_command("verify_audit")


def test_a_log_emptied_with_its_head_is_shown_by_the_exports_and_by_the_anchor(
    log, settings, tmp_path
):
    settings.WAYBILL = {**settings.WAYBILL, "anchor_file": tmp_path / "anchor"}
    audit.anchor()
    told(*(f"TRUNCATE {table}" for table in CHAIN))
    found = findings()
    assert f"export {log.pk} says it has {log.log_length} lines, the log holds 0" in found
    assert "the log ends at 0: cut off" in found[-1]


@pytest.fixture
def user(job_database):
    """Make the user that the reference gives to the application: it may not DROP."""
    at = connections[job_database].settings_dict
    name = f"{at['NAME'][:20]}_app"
    told(
        f"CREATE USER '{name}'@'%' IDENTIFIED BY 'one for a test'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {at['NAME']}.* TO '{name}'@'%'",
    )
    yield {**at, "USER": name, "PASSWORD": "one for a test"}
    told(f"DROP USER '{name}'@'%'")


def test_a_user_without_the_right_to_drop_cannot_empty_the_log(user, person):
    finished(claimed(person))
    settings = connections[database.alias()].settings_dict
    before = {name: settings[name] for name in ("USER", "PASSWORD")}
    connections[database.alias()].close()
    settings.update({name: user[name] for name in before})
    try:
        with pytest.raises(DatabaseError, match="DROP command denied"):
            told("TRUNCATE waybill_exportlog")
        with pytest.raises(DatabaseError, match="never changed or deleted"):
            told("DELETE FROM waybill_exportlog")
        assert finished(claimed(person)).status == "completed"
    finally:
        connections[database.alias()].close()
        settings.update(before)
        told("SELECT 1")
