"""What a request leaves behind, on every database: one job, a limit, a log."""

import pytest
from django.db import Error, connections, transaction

from tests.factories.jobs import requested, together
from waybill import errors
from waybill.jobs import audit, control, database
from waybill.jobs.log import Actor, Line, append_site
from waybill.jobs.request import Wish, request_export
from waybill.models import AcceptedStart, ExportJob, ExportLog
from waybill.plan.freeze import freeze
from waybill.values import ExportRequest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("job_database", "quiet_doorbell"),
]


def test_one_key_is_one_job_and_another_body_is_refused(person):
    frozen = freeze(ExportRequest(resource="parcels"), person)
    wish = Wish(key="k", counted=False)
    made = together([lambda: request_export(frozen, by=person, wish=wish)] * 4)
    assert len({one.job.pk for one in made}) == 1
    assert sum(one.created for one in made) == 1
    other = freeze(ExportRequest(resource="parcels", format="csv", columns=("id",)), person)
    with pytest.raises(errors.KeyReused):
        request_export(other, by=person, wish=wish)


def test_no_window_takes_more_starts_than_the_limit(person):
    frozen = freeze(ExportRequest(resource="parcels"), person)
    answers = together([lambda: request_export(frozen, by=person)] * 12)
    refused = [one for one in answers if isinstance(one, errors.RateLimited)]
    assert len(refused) == 7
    assert all(1 <= one.seconds <= 60 for one in refused)
    assert ExportJob.objects.filter(requester=person).count() == 5
    assert ExportLog.objects.filter(actor_key=str(person.pk), event="refused").count() == 1


def test_the_window_of_the_limit_slides(person, settings):
    settings.WAYBILL = {**settings.WAYBILL, "starts_per_minute": 1}
    frozen = freeze(ExportRequest(resource="parcels"), person)
    request_export(frozen, by=person)
    start = AcceptedStart.objects.get(requester_key=person.pk)
    start.at = database.clock().replace(year=2020)
    start.save()
    assert request_export(frozen, by=person).created


def test_a_limit_of_none_lets_nobody_start(person, settings):
    settings.WAYBILL = {**settings.WAYBILL, "starts_per_minute": 0}
    frozen = freeze(ExportRequest(resource="parcels"), person)
    with pytest.raises(errors.RateLimited) as refused:
        request_export(frozen, by=person)
    assert "next" not in str(refused.value.public)


def test_who_lost_the_right_makes_no_job_but_a_line(person):
    frozen = freeze(ExportRequest(resource="parcels"), person)
    person.is_active = False
    with pytest.raises(errors.NotAllowed):
        request_export(frozen, by=person)
    assert not ExportJob.objects.filter(requester=person).exists()
    assert ExportLog.objects.get(actor_key=str(person.pk)).message == "not_allowed"


@pytest.mark.parametrize("verb", ["UPDATE {} SET event='x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_line(verb, person, job_database):
    requested(person)
    with pytest.raises(Error), transaction.atomic(using=job_database):
        connections[job_database].cursor().execute(verb.format("waybill_exportlog"))


def test_a_request_whose_line_cannot_be_written_makes_no_job(person, monkeypatch):
    monkeypatch.setattr("waybill.jobs.log.seal", broken)
    frozen = freeze(ExportRequest(resource="parcels"), person)
    with pytest.raises(Error):
        request_export(frozen, by=person, wish=Wish(counted=False))
    monkeypatch.undo()
    assert not ExportJob.objects.filter(requester=person).exists()


def broken(*_):
    raise Error


def test_a_log_of_many_writers_is_whole(person):
    job = requested(person)

    def write():
        with database.atomic():
            append_site(Line("dry_run", actor=Actor(label="x")))

    together([write] * 6 + [lambda: control.cancel(job, by=None)])
    assert list(audit.verify()) == []
