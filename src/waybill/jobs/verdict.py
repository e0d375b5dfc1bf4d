"""The last walk over the whole log: what it found, how far it went, and when."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from django.db.models import Q
from django.db.models.functions import Now

from waybill import conf
from waybill.jobs import audit, database
from waybill.jobs.audit import Finding
from waybill.models import AuditHead, AuditVerdict

__all__ = ["last", "overdue", "walk"]

SHOWN = 20


def walk() -> Sequence[Finding]:
    """Walk over the log, keep the verdict, and give the first findings; none where it is whole."""
    head = AuditHead.objects.using(database.alias()).first()
    lines = head.length if head else 0
    found = list(islice(audit.verify(), SHOWN))
    _keep(lines=lines, finding=str(found[0])[:500] if found else "")
    return found


def last() -> AuditVerdict | None:
    """Give the last verdict; None before the first walk."""
    return AuditVerdict.objects.using(database.alias()).first()


def overdue() -> bool:
    """Say whether it is time for a walk; of any number that ask at once, one hears yes."""
    period = conf.settings().verify_log_seconds
    if not period:
        return False
    verdicts = AuditVerdict.objects.using(database.alias())
    before = Now() - timedelta(seconds=period)
    unclaimed = Q(claimed_at=None) | Q(claimed_at__lt=before)
    if verdicts.filter(unclaimed, at__lt=before).update(claimed_at=Now()):
        return True
    if verdicts.exists():
        return False
    return bool(AuditHead.objects.using(database.alias()).filter(length__gt=0).exists())


def _keep(*, lines: int, finding: str) -> None:
    verdicts = AuditVerdict.objects.using(database.alias())
    values = {"lines": lines, "finding": finding, "at": database.clock()}
    if not verdicts.update(**values):
        verdicts.bulk_create([AuditVerdict(id=1, **values)], ignore_conflicts=True)
