"""Where an export stands, as its pages say it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from waybill import errors
from waybill.declare.policy import Person, may_start
from waybill.jobs import queries
from waybill.models import ExportFile, ExportJob, ExportLog
from waybill.shortid import to_short
from waybill.staff.access import export_named, title_of
from waybill.states import ENDED, Delivery, Stage, Status
from waybill.tell.news import FORMATS

__all__ = ["FORMATS", "Standing", "standing"]

TONES = {
    Status.PENDING: "grey",
    Status.PROCESSING: "blue",
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.CANCELED: "grey",
    Status.EXPIRED: "grey",
}
ADVICE = {
    "right_lost": _("Ask an administrator for the right, then start the export again."),
    "storage_full": _("Somebody who runs this site has to make room. Then try again."),
    "time_limit": _("Try fewer columns or fewer rows, or ask for a longer limit."),
    "worker_lost": _("Try again. If it fails again, tell somebody who runs this site."),
}
USUAL_ADVICE = _("Nothing was kept. You can try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An export as one person sees it."""

    job: ExportJob
    name: str
    title: str
    mine: bool
    may_download: bool
    may_start: bool
    ahead: int = 0
    fetched: ExportLog | None = None

    @property
    def ended(self) -> bool:
        """Say whether nothing will move any more."""
        return self.job.status in ENDED

    @property
    def ready(self) -> bool:
        """Say whether there is a file to fetch."""
        kept = self.job.delivery == Delivery.BACKGROUND
        return kept and self.job.status == Status.COMPLETED and not self.over

    @property
    def over(self) -> bool:
        """Say whether the file's time is over, cleared away or not."""
        return self.job.expires_at <= timezone.now()

    @property
    def tone(self) -> str:
        """Give the colour of the state."""
        return TONES[Status(self.job.status)]

    @property
    def word(self) -> str:
        """Say the state."""
        if self.job.status == Status.COMPLETED:
            kept = self.job.delivery == Delivery.BACKGROUND
            return str(_("Ready") if kept else _("Sent"))
        return str(self.job.get_status_display())

    @property
    def format(self) -> str:
        """Name the format."""
        return FORMATS.get(self.job.format, self.job.format)

    @property
    def stages(self) -> list[tuple[str, bool]]:
        """Give the stages in order, and whether each is the present one."""
        return [(str(Stage(value).label), value == self.job.stage) for value in Stage.values]

    @property
    def percent(self) -> int:
        """Give how much of the rows is written, in percent."""
        total = self.job.total_items
        return min(100, int(100 * self.job.exported_items / total)) if total else 0

    @property
    def rate(self) -> int:
        """Give the rows a second so far."""
        started = self.job.started_at
        seconds = (timezone.now() - started).total_seconds() if started else 0
        return int(self.job.exported_items / seconds) if seconds > 0.5 else 0

    @property
    def left(self) -> timedelta | None:
        """Give the time that the rest will take at this pace."""
        total = self.job.total_items
        if not total or not self.rate:
            return None
        return timedelta(seconds=(total - self.job.exported_items) / self.rate)

    @property
    def took(self) -> timedelta | None:
        """Give how long the export ran."""
        if self.job.started_at is None or self.job.completed_at is None:
            return None
        return self.job.completed_at - self.job.started_at

    @property
    def file(self) -> ExportFile | None:
        """Give the facts of the file."""
        return self.job.file

    @property
    def as_of(self) -> datetime | None:
        """Give the instant of the database that the file shows."""
        if self.job.file is None:
            return None
        return datetime.fromisoformat(self.job.file.receipt["snapshot"]["at"])

    @property
    def words(self) -> list[str]:
        """Say which rows were asked for: the filters, the search, selected rows, child rows."""
        asked = self.request
        said = list(self.job.frozen.get("words", []))
        if text := asked.get("search"):
            said.append(str(_("search “%(text)s”") % {"text": text}))
        if chosen := asked.get("selected"):
            said.append(str(_("%(count)s selected rows") % {"count": f"{len(chosen):,}"}))
        if asked.get("options", {}).get("children"):
            said.append(str(_("with %(rows)s") % {"rows": _child_rows(self.job.resource)}))
        return said

    @property
    def request(self) -> dict[str, Any]:
        """Give what was asked for."""
        return dict(self.job.frozen.get("request", {}))

    @property
    def columns(self) -> list[str]:
        """Name the columns as the file does; those of an export declared no more by their keys."""
        headings = {**_headings(self.job.resource), **self.request.get("labels", {})}
        return [headings.get(key, key) for key in self.request.get("columns") or ()]

    @property
    def reason(self) -> str:
        """Say in the reader's language why it failed; the stored sentence is in the worker's."""
        job = self.job
        return str(errors.sentence(job.error_code)) or job.error_message or job.error_code

    @property
    def advice(self) -> str:
        """Say what to do about a failure."""
        return str(ADVICE.get(self.job.error_code, USUAL_ADVICE))

    @property
    def tag(self) -> str:
        """Name this standing, for a conditional request."""
        job = self.job
        moves = (job.status, job.stage, job.exported_items, job.total_items, job.attempt)
        seen = (*moves, self.ahead, job.downloads, self.may_download)
        return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:24]}"'


def standing(job: ExportJob, person: Person, *, fetched: ExportLog | None = None) -> Standing:
    """Look at an export with a person's eyes."""
    return Standing(
        job=job,
        name=to_short(job.pk),
        title=title_of(job.resource),
        mine=job.requester_id == person.pk,
        may_download=queries.may_download(job, by=person),
        may_start=_may_start(person, job.resource),
        ahead=getattr(job, "ahead", 0),
        fetched=fetched,
    )


def _headings(resource: str) -> dict[str, str]:
    try:
        return {one.name: str(one.heading()) for one in export_named(resource).columns}
    except errors.ResourceUnknown:
        return {}


def _child_rows(resource: str) -> str:
    try:
        kinds = export_named(resource).children
    except errors.ResourceUnknown:
        kinds = ()
    return ", ".join(str(kind.title or kind.name).lower() for kind in kinds) or str(_("child rows"))


def _may_start(person: Person, resource: str) -> bool:
    try:
        return may_start(person, export_named(resource))
    except errors.ResourceUnknown:
        return False  # it is declared no more
