"""What is done is in the log or is not done, and many writers make one chain (FAULTS 107)."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from desk.tickets.models import Ticket
from tests.factories.jobs import requested
from tests.factories.workers import environment
from waybill import errors
from waybill.jobs import audit, database, queries
from waybill.models import ExportFile, ExportJob, ExportLog
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

START = "/api/v1/tickets/export"


@pytest.fixture
def tickets(db):
    Ticket.objects.bulk_create(Ticket(ticket_code=f"T-{n}", subject="secret") for n in range(9))


@pytest.fixture
def refusing(request):
    """Give a function after which the database takes no line of the log."""

    def refuse():
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION refuse_lines() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'no lines today'; END $$;"
                "CREATE TRIGGER refuse_lines BEFORE INSERT ON waybill_exportlog"
                " FOR EACH ROW EXECUTE FUNCTION refuse_lines()"
            )

    yield refuse
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER IF EXISTS refuse_lines ON waybill_exportlog;"
            "DROP FUNCTION IF EXISTS refuse_lines()"
        )


def start(client, **body):
    return client.post(START, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("way", [{"async": True}, {"async": False}, {"dry_run": True}])
def test_an_export_whose_line_is_not_taken_does_not_begin(way, calling, ada, tickets, refusing):
    """G17: 503, no row, no bytes."""
    client = calling(ada)
    refusing()
    answer = start(client, **way)
    assert (answer.status_code, answer.json()["code"]) == (503, "not_logged")
    assert answer["Retry-After"]
    assert b"secret" not in b"".join(answer)
    assert ExportJob.objects.count() == 0


def test_a_download_whose_line_is_not_taken_gives_no_byte(calling, ada, tickets, refusing):
    """G17: the line comes before the first byte."""
    client = calling(ada)
    job_id = start(client, **{"async": True}).json()["export_id"]
    run(str(ExportJob.objects.get().pk))
    refusing()
    answer = client.get(f"/api/v1/exports/{job_id}/download")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_logged")
    assert ExportJob.objects.get().downloads == 0


def test_the_pages_say_so_too(client, ada, tickets, refusing):
    client.force_login(ada)
    refusing()
    answer = client.post("/staff/exports/new/tickets/start", {"format": "csv"})
    assert answer.status_code == 503
    assert ExportJob.objects.count() == 0


def test_a_move_whose_line_is_not_taken_does_not_happen(ada, tickets, refusing):
    job = requested(ada)
    refusing()
    with pytest.raises(errors.NotLogged):
        run(str(job.pk))
    now = queries.get(job.pk)
    assert (now.status, now.attempt, now.log_length) == ("pending", 0, 1)
    assert ExportFile.objects.count() == 0


def test_a_database_that_only_reads_starts_nothing(calling, ada, tickets):
    """FAULTS 107."""
    client = calling(ada)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        answer = start(client, **{"async": True})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
    assert answer.status_code == 503
    assert ExportJob.objects.count() == 0


@pytest.mark.parametrize("table", ["waybill_exportlog", "waybill_audithead"])
def test_the_database_refuses_to_empty_the_log(table, ada, tickets):
    requested(ada)
    with pytest.raises(IntegrityError, match="never emptied"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")
    with pytest.raises(IntegrityError, match="never emptied"), transaction.atomic():
        connection.cursor().execute("TRUNCATE waybill_exportjob CASCADE")
    assert ExportLog.objects.filter(resource="parcels").count() == 1


def test_a_log_without_a_line_may_be_emptied_as_the_tests_of_a_host_do(tickets):
    assert not ExportLog.objects.exists()
    with transaction.atomic():
        connection.cursor().execute("TRUNCATE waybill_exportjob, waybill_audithead CASCADE")


PROCESSES, THREADS, LINES = 5, 100, 2


@pytest.mark.timeout(240)
def test_five_hundred_writers_at_once_make_one_chain_without_a_fork(own_server):
    """G16, FAULTS 107: 1,000 lines from 500 connections of five processes."""
    job = requested(None)
    before = ExportLog.objects.count()
    numbers = [str(job.pk), str(THREADS), str(LINES)]
    command = [sys.executable, "-m", "tests.factories.writers", *numbers]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen(command, env=environment(), **pipes) for _ in range(PROCESSES)]
    assert [one.stdout.readline() for one in writers] == ["connected\n"] * PROCESSES
    with database.connection().cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'client%'")
        assert cursor.fetchone()[0] >= PROCESSES * THREADS
    for one in writers:
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in writers:
        one.communicate(timeout=120)
    assert {one.returncode for one in writers} == {0}
    lines = PROCESSES * THREADS * LINES
    assert queries.get(job.pk).log_length == 1 + lines // 2
    assert ExportLog.objects.count() == before + lines
    assert list(audit.verify()) == []


def test_an_export_by_command_is_in_the_log(ada, tickets, tmp_path):
    file = tmp_path / "tickets.csv"
    call_command("export", "tickets", "-o", str(file), "--as", "ada", verbosity=0)
    begun, ended = ExportLog.objects.filter(resource="tickets")
    assert [begun.event, ended.event] == ["initiated", "completed"]
    assert (ended.resource, ended.actor, ended.job_id) == ("tickets", str(ada), None)
    receipt = json.loads((tmp_path / "tickets.csv.receipt.json").read_text())
    assert ended.details["sha256"] == receipt["sha256"]
    assert ended.details["rows"] == 9
    assert begun.details["by"] == "command"


def test_an_export_by_command_that_fails_is_in_the_log(ada, tickets, tmp_path):
    with pytest.raises(CommandError):
        call_command("export", "tickets", "-o", str(tmp_path / "none" / "x.csv"), verbosity=0)
    lines = ExportLog.objects.filter(resource="tickets")
    assert [line.event for line in lines] == ["initiated", "failed"]


def test_a_command_whose_line_is_not_taken_writes_nothing(ada, tickets, refusing, tmp_path):
    refusing()
    with pytest.raises(CommandError, match="log could not be written") as refusal:
        call_command("export", "tickets", "-o", str(tmp_path / "t.csv"), stderr=io.StringIO())
    assert refusal.value.returncode == 75
    assert not list(tmp_path.iterdir())
