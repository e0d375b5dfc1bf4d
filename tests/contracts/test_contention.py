"""Deadlocks, failed serializations and locks, as each database tells of them (FAULTS 33)."""

import sqlite3

import pytest
from django.db import connections

from waybill.jobs import database
from waybill.work.patience import patiently

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("job_database"),
]

RAISED = {
    "postgresql": [
        "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$",
        "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$",
        "DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$",
    ],
    "mysql": [
        "BEGIN NOT ATOMIC SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END",
        "BEGIN NOT ATOMIC SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205; END",
    ],
}


def test_a_deadlock_or_a_failed_serialization_is_tried_again(job_database):
    connection = database.connection()
    for statement in RAISED.get(connection.vendor, []):
        told = [statement]

        def call(told=told):
            with database.atomic(), database.connection().cursor() as cursor:
                cursor.execute(told.pop() if told else "SELECT 1")
            return "done"

        assert patiently(call) == "done"


@pytest.mark.parametrize("job_database", ["sqlite"], indirect=True)
def test_a_locked_file_is_tried_again(job_database):
    settings = connections[job_database].settings_dict
    settings["OPTIONS"] = {**settings["OPTIONS"], "timeout": 0.01}
    connections[job_database].close()
    writer = sqlite3.connect(settings["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    tries = []

    def call():
        tries.append(1)
        if len(tries) == 3:
            writer.execute("ROLLBACK")
        with database.atomic(), database.connection().cursor() as cursor:
            cursor.execute("UPDATE waybill_audithead SET length = length")

    patiently(call)
    writer.close()
    settings["OPTIONS"] = {**settings["OPTIONS"], "timeout": 20}
    connections[job_database].close()
    assert len(tries) == 3
