"""Whoever is refused an export is in the log, whichever way they came (L1)."""

import json

import pytest
from django.core.management import CommandError, call_command

from waybill import errors, exports
from waybill.jobs import audit
from waybill.jobs.request import Wish
from waybill.models import ExportJob, ExportLog

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


def refusals(person):
    """Give what the log says that a person was refused."""
    lines = ExportLog.objects.filter(event="refused", actor_key=str(person.pk))
    assert list(audit.verify()) == []
    return [*lines.values_list("resource", "message", "address")]


@pytest.mark.parametrize("call", [exports.start, exports.stream, exports.dry_run])
def test_python_refuses_and_logs_who_may_not_start(call, dan):
    with pytest.raises(errors.NotAllowed):
        call("tickets", by=dan)
    assert refusals(dan) == [("tickets", "not_allowed", "")]
    assert not ExportJob.objects.exists()


def test_a_start_by_python_is_refused_with_its_address(dan):
    with pytest.raises(errors.NotAllowed):
        exports.start("tickets", by=dan, wish=Wish(address="10.1.2.3"))
    assert refusals(dan) == [("tickets", "not_allowed", "10.1.2.3")]


def test_a_stream_is_for_those_who_may_fetch_the_file(ada, ben):
    with pytest.raises(errors.DownloadRefused):
        exports.stream("tickets", by=ben, address="10.1.2.3")
    assert refusals(ben) == [("tickets", "download_not_allowed", "10.1.2.3")]
    assert not ExportJob.objects.exists()
    assert b"".join(exports.stream("tickets", by=ada))
    assert b"".join(exports.stream("tickets", by=None))


@pytest.mark.parametrize("name", ["ben", "cleo", "dan"])
def test_the_command_logs_who_it_refused(name, request, tmp_path):
    person = request.getfixturevalue(name)
    with pytest.raises(CommandError) as caught:
        call_command("waybill_export", "tickets", person=name, output=str(tmp_path / "x.csv"))
    assert caught.value.returncode == 3
    assert refusals(person) == [("tickets", "not_allowed", "")]
    assert [*tmp_path.iterdir()] == []


def test_a_token_without_the_scope_leaves_a_line(calling, ada):
    caller = calling(ada, scopes=["exports:read"])
    for resource in ("tickets", "tickets", "nothing" * 40):
        answer = caller.post(
            f"/api/v1/{resource}/export", json.dumps({}), content_type="application/json"
        )
        assert (answer.status_code, answer.json()["accepted"]) == (403, ["exports:write"])
    assert refusals(ada) == [
        ("tickets", "not_allowed", "127.0.0.1"),
        ("", "not_allowed", "127.0.0.1"),
    ]
