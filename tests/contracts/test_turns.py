"""Which queued export is next: small before large, everybody's first, and nobody for ever."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import F

from tests.factories.jobs import RINGS, finished, requested, together
from tests.sample.models import Wagon
from waybill import conf
from waybill.errors import SettingsError
from waybill.jobs import control, database, lease, line
from waybill.jobs.request import Wish
from waybill.models import ExportJob
from waybill.plan.freeze import freeze
from waybill.states import Status
from waybill.values import ExportRequest
from waybill.work.ask import sized

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("job_database", "quiet_doorbell"),
]


@pytest.fixture(autouse=True)
def _alone(person):
    """Take out of the line what other tests left there: not every database is emptied between."""
    ExportJob.objects.filter(status__in=["pending", "processing"]).update(
        status="failed", error_code="x"
    )


@pytest.fixture
def other(person):
    return get_user_model().objects.create_user(f"{person.username}-2", display_name="Ben")


def asked(person, *, rows=None, ago=0):
    """Request an export as if so many seconds ago."""
    job = requested(person, rows=rows)
    earlier = timedelta(seconds=ago)
    ExportJob.objects.filter(pk=job.pk).update(
        queued_at=F("queued_at") - earlier, turn_at=F("turn_at") - earlier
    )
    return job


def taken(times=1):
    """Claim as often, and give the jobs in the order they came."""
    held = [line.claim_next(worker="w") for _ in range(times)]
    return [one and one.job_id for one in held]


def allow(settings, **given):
    settings.WAYBILL = {**settings.WAYBILL, **given}


def test_a_small_export_goes_before_a_large_one_that_was_first(person, other):
    large, small = asked(person, rows=5_000_000, ago=60), asked(other, rows=500)
    assert taken(2) == [small.pk, large.pk]


def test_a_large_export_that_has_waited_long_goes_before_small_ones(person, other):
    large, small = asked(person, rows=10**9, ago=601), asked(other, rows=500)
    assert taken(2) == [large.pk, small.pk]


def test_those_of_one_size_come_in_the_order_they_were_asked_for(person, other):
    second, first = asked(person, rows=500), asked(other, rows=500, ago=5)
    assert taken(2) == [first.pk, second.pk]


def test_the_first_export_of_anybody_goes_before_the_further_ones_of_somebody(person, other):
    """FAULTS 17."""
    many = [asked(person, rows=10, ago=60) for _ in range(3)]
    theirs = asked(other, rows=10)
    assert taken(3) == [many[0].pk, theirs.pk, many[1].pk]


def test_a_person_has_only_so_many_exports_running(person, other):
    mine = [asked(person) for _ in range(3)]
    theirs = asked(other)
    assert set(taken(4)) == {mine[0].pk, mine[1].pk, theirs.pk, None}
    mine[2].refresh_from_db()
    assert mine[2].status == Status.PENDING


def test_without_that_limit_all_run(person, settings):
    allow(settings, running_per_person=0)
    assert None not in taken(len([asked(person) for _ in range(4)]))


def test_exports_of_the_system_know_no_such_limit():
    assert None not in taken(len([asked(None) for _ in range(4)]))


def test_the_end_of_an_export_rings_for_the_next_of_that_person(person, settings):
    """Its own ring was heard while there was no room."""
    allow(settings, running_per_person=1)
    first, second, _third = [asked(person) for _ in range(3)]
    held = line.claim_next(worker="w")
    assert (held.job_id, taken()) == (first.pk, [None])
    RINGS.clear()
    finished(held)
    assert [job_id for job_id, _, _ in RINGS] == [str(second.pk)]
    assert taken() == [second.pk]


def test_a_canceled_export_makes_room_too(person, settings):
    allow(settings, running_per_person=1)
    first, second = asked(person), asked(person)
    assert taken() == [first.pk]
    RINGS.clear()
    control.cancel(ExportJob.objects.get(pk=first.pk), by=person)
    assert [job_id for job_id, _, _ in RINGS] == [str(second.pk)]


def test_workers_that_claim_at_once_pass_the_limit_by_none(person, settings):
    allow(settings, running_per_person=2)
    for _ in range(5):
        jobs = [asked(person) for _ in range(4)]
        held = together([lambda: line.claim_next(worker="w")] * 4)
        assert sum(one is not None for one in held) == 2
        ids = [job.pk for job in jobs]
        ExportJob.objects.filter(pk__in=ids).update(status="failed", error_code="x")


def test_one_that_waits_for_its_next_attempt_holds_up_nobody(person, other):
    later, now = asked(person, ago=60), asked(other)
    at = database.clock() + timedelta(hours=1)
    ExportJob.objects.filter(pk=later.pk).update(not_before=at)
    assert taken(2) == [now.pk, None]


def test_a_failed_export_that_is_retried_stands_at_the_end_of_the_line(person, other):
    old, waiting = asked(person, ago=3_600), asked(other, ago=60)
    ExportJob.objects.filter(pk=old.pk).update(status="failed", error_code="x")
    control.retry(ExportJob.objects.get(pk=old.pk), by=person)
    assert taken(2) == [waiting.pk, old.pk]


def test_about_how_many_rows_there_will_be_is_known_at_the_request(person):
    Wagon.objects.all().delete()
    Wagon.objects.bulk_create(Wagon(id=number, word="x") for number in range(200))
    at = connections[database.alias()]
    if at.vendor == "postgresql":
        with at.cursor() as cursor:
            cursor.execute("ANALYZE sample_wagon")
    asked = freeze(ExportRequest(resource="wagons"), None)
    wish = sized(Wish(), asked, by=None)
    assert 100 <= wish.rows <= 400


def test_a_number_of_running_exports_below_none_is_refused(settings):
    allow(settings, running_per_person=-1)
    with pytest.raises(SettingsError, match="running_per_person is a whole number"):
        conf.settings()


def test_a_claim_by_name_asks_for_no_turn(person):
    """A caller that runs one export by its id gets that one."""
    _first, second = asked(person, ago=60), asked(person)
    assert lease.claim(second.pk, worker="w").job_id == second.pk


def test_the_defaults_let_one_person_take_two_workers():
    assert conf.Settings().running_per_person == 2
