"""Five starts a minute, from many processes, at the window's edge, with clocks that jump (G18)."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connections

from tests.factories.starters import variables
from waybill import errors
from waybill.jobs import database, limits
from waybill.jobs.request import Wish, request_export
from waybill.models import AcceptedStart, ExportJob, ExportLog
from waybill.plan.freeze import freeze
from waybill.values import ExportRequest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("job_database", "quiet_doorbell"),
]

ALL = ExportRequest(resource="parcels")


@pytest.mark.parametrize("job_database", ["sqlite", "mariadb"], indirect=True)
@pytest.mark.timeout(300)
def test_fifty_starts_from_four_processes_leave_five_jobs(job_database, person, tmp_path):
    """FAULTS 99: PostgreSQL's part stands in the acceptance tests, through a running Desk."""
    command = [sys.executable, "-m", "tests.factories.starters", str(person.pk), "13"]
    given = variables(connections[job_database].settings_dict, tmp_path)
    started = [
        subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = [json.loads(process.communicate()[0]) for process in started]
    assert [process.returncode for process in started] == [0] * 4
    found = [word for words in said for word in words]
    assert sorted(set(found)) == ["rate_limited", "started"]
    assert (found.count("started"), len(found)) == (5, 52)
    assert ExportJob.objects.filter(requester=person).count() == 5


def test_the_window_is_sixty_seconds_by_the_database_clock(person, monkeypatch):
    """FAULTS 100: 0.1 s before the end of the window the sixth is refused, 0.1 s after it comes."""
    begun = database.clock()
    at = {"now": begun}
    monkeypatch.setattr(limits.database, "clock", lambda: at["now"])
    for number in range(5):
        at["now"] = begun + timedelta(seconds=number)
        limits.accept(str(person.pk))
    at["now"] = begun + timedelta(seconds=59.9)
    with pytest.raises(errors.RateLimited) as refused:
        limits.accept(str(person.pk))
    assert refused.value.seconds == 1
    assert str(refused.value.public).endswith("The next can start in 1 second.")
    at["now"] = begun + timedelta(seconds=60.1)
    limits.accept(str(person.pk))
    with pytest.raises(errors.RateLimited):
        limits.accept(str(person.pk))


def test_a_clock_that_was_set_back_gives_no_further_start(person, monkeypatch):
    """FAULTS 100: an hour back, the five of before still count."""
    now = database.clock()
    for _ in range(5):
        limits.accept(str(person.pk))
    monkeypatch.setattr(limits.database, "clock", lambda: now - timedelta(hours=1))
    with pytest.raises(errors.RateLimited):
        limits.accept(str(person.pk))


def test_refused_and_unreadable_requests_do_not_count(person):
    """FAULTS 100: only what was accepted does."""
    for _ in range(7):
        with pytest.raises(errors.UnknownColumn):
            freeze(ExportRequest(resource="parcels", columns=("nope",)), person)
    frozen = freeze(ALL, person)
    for _ in range(5):
        request_export(frozen, by=person)
    with pytest.raises(errors.RateLimited):
        request_export(frozen, by=person)
    assert AcceptedStart.objects.filter(requester_key=str(person.pk)).count() == 5


def test_a_refused_start_leaves_one_line_and_nothing_else(person):
    """FAULTS 101: no row and no ring, however often it is tried."""
    from tests.factories.jobs import RINGS

    frozen = freeze(ALL, person)
    for _ in range(5):
        request_export(frozen, by=person)
    rung = len(RINGS)
    for _ in range(40):
        with pytest.raises(errors.RateLimited):
            request_export(frozen, by=person, wish=Wish(key=""))
    assert len(RINGS) == rung
    assert ExportJob.objects.filter(requester=person).count() == 5
    lines = ExportLog.objects.filter(actor_key=str(person.pk), event="refused")
    assert [line.message for line in lines] == ["rate_limited"]
