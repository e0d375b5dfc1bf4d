"""The log shows what was done to it behind the engine's back (G16)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories.jobs import claimed, finished, requested
from waybill.jobs import audit, control, database
from waybill.jobs.log import Actor, Line, append_site, seal_head
from waybill.models import AuditHead, ExportJob, ExportLog

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_doorbell", "fresh_folder"),
]


@pytest.fixture
def job_database():
    return "default"


@pytest.fixture
def log(person):
    """Write ten lines: two exports, a refusal between them."""
    finished(claimed(person))
    with database.atomic():
        append_site(Line("refused", actor=Actor(key="7", label="eve"), message="not_allowed"))
    control.cancel(requested(person), by=person)
    finished(claimed(person))
    return list(ExportLog.objects.order_by("site_seq"))


def behind_the_back(*statements):
    """Run SQL as an operator with all rights would, past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE waybill_exportlog DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE waybill_exportlog ENABLE TRIGGER USER")


def findings():
    return [str(finding) for finding in audit.verify()]


def test_an_untouched_log_is_whole(log, capsys):
    call_command("verify_audit")
    assert f"complete and unchanged: {len(log)} lines" in capsys.readouterr().out


@pytest.mark.parametrize("column", ["event", "actor", "message", "address", "resource"])
def test_a_changed_line_is_named(column, log):
    row = log[1]
    behind_the_back(f"UPDATE waybill_exportlog SET {column} = 'x' WHERE id = {row.pk}")
    (found,) = findings()
    assert found.startswith(f"line {row.site_seq}: export {row.job_id}, its line 2")
    with pytest.raises(CommandError):
        call_command("verify_audit")


def test_a_changed_time_and_a_changed_detail_are_named(log):
    behind_the_back(
        "UPDATE waybill_exportlog SET created_at = created_at + interval '1 us'"
        f" WHERE id = {log[0].pk}",
        f"UPDATE waybill_exportlog SET details = '{{\"bytes\": 1}}' WHERE id = {log[2].pk}",
    )
    assert len(findings()) == 2


def test_a_changed_line_of_no_export_is_named(log):
    row = next(one for one in log if one.job_id is None)
    behind_the_back(f"UPDATE waybill_exportlog SET actor = 'ada' WHERE id = {row.pk}")
    assert findings() == [f"line {row.site_seq}: its text does not fit its seal: changed"]


def test_a_removed_line_in_the_middle_is_named(log):
    row = log[1]
    behind_the_back(f"DELETE FROM waybill_exportlog WHERE id = {row.pk}")
    assert f"line {row.site_seq} is missing: removed" in findings()


def test_a_removed_tail_is_named(log):
    last = log[-1]
    behind_the_back(f"DELETE FROM waybill_exportlog WHERE id = {last.pk}")
    found = findings()
    assert any("missing at the end" in one for one in found)
    assert any(str(last.job_id) in one for one in found)


def set_back(log, *more):
    """Remove the last export's lines, and put head and export to where they were before."""
    last = log[-1]
    tail = [row for row in log if row.job_id == last.job_id]
    before = log[len(log) - len(tail) - 1]
    behind_the_back(
        f"DELETE FROM waybill_exportlog WHERE job_id = '{last.job_id}'",
        f"UPDATE waybill_exportjob SET log_length = 0, log_head = '' WHERE id = '{last.job_id}'",
        f"UPDATE waybill_audithead SET length = {before.site_seq}, mac = '{before.site_mac}'",
        *more,
    )


SEAL = "the head's own seal does not fit: set back"


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("UPDATE waybill_audithead SET sealed = length",),
        ("UPDATE waybill_audithead SET sealed = 0, seal = ''",),
        ("UPDATE waybill_audithead SET sealed = 0",),
    ],
    ids=["seal left", "its number set back", "seal blanked", "number blanked"],
)
def test_a_removed_tail_with_the_head_set_back_is_shown_by_its_seal(log, more):
    set_back(log, *more)
    assert SEAL in findings()
    with database.atomic():
        append_site(Line("refused", actor=Actor(label="eve"), message="not_allowed"))
    assert SEAL in findings()  # the next line does not cover it up


def test_a_log_whose_end_was_cut_with_an_export_is_shown_although_the_head_is_blank(log):
    behind_the_back(
        "DELETE FROM waybill_exportlog",
        "UPDATE waybill_exportjob SET log_length = 0, log_head = ''",
        "DELETE FROM waybill_audithead",
    )
    jobs = ExportJob.objects.count()
    assert len(findings()) == jobs
    assert findings()[0].endswith("has no line: removed")


def test_a_removed_tail_with_the_head_set_back_is_shown_by_the_anchor(log, settings, tmp_path):
    settings.WAYBILL = {**settings.WAYBILL, "anchor_file": tmp_path / "anchor"}
    audit.anchor()
    set_back(log)
    assert "cut off" in findings()[-1]


def test_the_anchor_takes_each_length_once_and_looks_at_the_end_of_its_file_alone(
    log, settings, tmp_path
):
    file = tmp_path / "anchor"
    settings.WAYBILL = {**settings.WAYBILL, "anchor_file": file}
    audit.anchor()
    audit.anchor()
    assert file.read_text().count("\n") == 1
    file.write_text("no entry\n" * 200 + file.read_text())
    audit.anchor()
    assert file.read_text().count("mac") == 1


def test_half_an_entry_that_a_power_cut_left_in_the_anchor_is_no_fault(log, settings, tmp_path):
    file = tmp_path / "anchor"
    settings.WAYBILL = {**settings.WAYBILL, "anchor_file": file}
    audit.anchor()
    whole = file.read_text()
    file.write_text(whole + '{"lines": 1')
    assert findings() == []
    audit.anchor()
    with database.atomic():
        append_site(Line("refused", actor=Actor(label="eve"), message="not_allowed"))
    audit.anchor()
    assert file.read_text().startswith(whole)
    assert file.read_text().count("\n") == 2
    assert findings() == []
    file.write_text('{"lines": 1')
    audit.anchor()
    assert file.read_text().count("\n") == 1


def migrated():
    """Seal the head as the migration does that brought seals."""
    with connection.schema_editor() as editor:
        import_module("waybill.migrations.0010_sealed_head").seal_head(apps, editor)


def test_the_head_of_a_log_from_before_the_seals_is_sealed_by_the_migration(log):
    AuditHead.objects.update(sealed=0, seal="")
    assert findings() == [SEAL]
    migrated()
    assert findings() == []


def test_a_migration_without_the_key_of_the_log_seals_nothing(log, settings, capsys):
    AuditHead.objects.update(sealed=0, seal="")
    ours = settings.WAYBILL
    settings.WAYBILL = {**ours, "audit_key": "somebody else's"}
    migrated()
    assert "its key is not here" in capsys.readouterr().out
    settings.WAYBILL = ours
    assert findings() == [SEAL]


def test_the_version_before_the_seals_may_write_beside_the_new_one(site):
    """It moves the head and knows no seal; the next line of the new version seals it again."""
    last = AuditHead.objects.get()
    AuditHead.objects.update(
        sealed=site[2].site_seq, seal=seal_head(site[2].site_seq, site[2].site_mac)
    )
    assert findings() == []
    with database.atomic():
        append_site(Line("refused", actor=Actor(label="eve"), message="not_allowed"))
    assert findings() == []
    assert AuditHead.objects.get().sealed == last.length + 1


def test_a_removed_export_is_named(log):
    job = log[0].job_id
    behind_the_back(
        f"DELETE FROM waybill_exportlog WHERE job_id = '{job}'",
        f"DELETE FROM waybill_notice WHERE job_id = '{job}'",
        f"UPDATE waybill_exportjob SET status = 'canceled', file_id = NULL WHERE id = '{job}'",
        f"DELETE FROM waybill_exportfile WHERE job_id = '{job}'",
        f"DELETE FROM waybill_exportjob WHERE id = '{job}'",
    )
    assert findings()[0].startswith("lines 1 to 3 are missing")


def test_a_line_that_was_put_in_is_named(log):
    last = log[-1]
    columns = (
        "event, resource, message, actor_key, actor, address, details, created_at, mac, site_mac"
    )
    behind_the_back(
        f"INSERT INTO waybill_exportlog (job_id, seq, site_seq, {columns}) SELECT job_id, seq + 1,"
        f" site_seq + 1, {columns} FROM waybill_exportlog WHERE id = {last.pk}",
    )
    assert any(one.startswith(f"line {last.site_seq + 1}:") for one in findings())


def test_two_swapped_lines_are_named(log):
    one, other = log[0], log[1]
    put = "UPDATE waybill_exportlog SET site_seq = {}, seq = {} WHERE id = {}"
    behind_the_back(
        put.format(0, 99, one.pk),
        put.format(one.site_seq, one.seq, other.pk),
        put.format(other.site_seq, other.seq, one.pk),
    )
    found = findings()
    assert any(text.startswith(f"line {one.site_seq}:") for text in found)
    assert any(text.startswith(f"line {other.site_seq}:") for text in found)


def test_a_log_sealed_with_another_key_is_not_ours(log, settings):
    settings.WAYBILL = {**settings.WAYBILL, "audit_key": "somebody else's"}
    assert len(findings()) >= len(log)


@pytest.fixture
def site(log):
    """Add four lines of no export, as refusals leave them."""
    for name in ("ada", "ben", "cleo", "dan"):
        with database.atomic():
            append_site(Line("refused", actor=Actor(label=name), message="not_allowed"))
    return list(ExportLog.objects.filter(job=None).order_by("-site_seq")[:4])[::-1]


def test_a_removed_line_of_no_export_is_named(site):
    """G16: delete, in the site's chain."""
    row = site[1]
    behind_the_back(f"DELETE FROM waybill_exportlog WHERE id = {row.pk}")
    assert f"line {row.site_seq} is missing: removed" in findings()


def test_a_removed_tail_of_no_export_is_named(site):
    """G16: cut off, in the site's chain."""
    behind_the_back(f"DELETE FROM waybill_exportlog WHERE id >= {site[2].pk}")
    (found,) = findings()
    assert found.startswith(f"lines {site[2].site_seq} to {site[3].site_seq} are missing")


def test_a_line_of_no_export_that_was_put_in_is_named(site):
    """G16: insert, in the site's chain."""
    behind_the_back(
        "INSERT INTO waybill_exportlog (site_seq, event, resource, message, actor_key, actor,"
        " address, details, created_at, mac, site_mac) SELECT site_seq + 1, event, resource,"
        " message, actor_key, actor, address, details, created_at, mac, site_mac"
        f" FROM waybill_exportlog WHERE id = {site[3].pk}"
    )
    assert any(one.startswith(f"line {site[3].site_seq + 1}:") for one in findings())


def test_two_swapped_lines_of_no_export_are_named(site):
    """G16: swap, in the site's chain."""
    one, other = site[0], site[2]
    put = "UPDATE waybill_exportlog SET site_seq = {} WHERE id = {}"
    behind_the_back(
        put.format(0, one.pk),
        put.format(one.site_seq, other.pk),
        put.format(other.site_seq, one.pk),
    )
    found = findings()
    assert any(text.startswith(f"line {one.site_seq}:") for text in found)
    assert any(text.startswith(f"line {other.site_seq}:") for text in found)
