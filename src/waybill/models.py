"""The tables of the job engine. Fields and constraints only: waybill.jobs acts on them."""

import uuid

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from waybill.states import Delivery, NoticeKind, NoticeOutcome, Stage, Status

__all__ = [
    "AcceptedStart",
    "AuditHead",
    "AuditVerdict",
    "ExportFile",
    "ExportJob",
    "ExportLog",
    "ExportPreset",
    "LogTotals",
    "Notice",
    "SweepTurn",
    "Worker",
]

if apps.apps_ready and not apps.is_installed("waybill"):
    raise ImproperlyConfigured('Add "waybill" to INSTALLED_APPS.')


class ExportJob(models.Model):
    """One requested export: what was asked, where it stands, what came of it.

    Lengths are bytes, counters rows, times the database's clock.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resource = models.CharField(_("resource"), max_length=64)
    format = models.CharField(_("format"), max_length=16)
    delivery = models.CharField(
        _("delivery"), max_length=16, choices=Delivery, default=Delivery.BACKGROUND
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requester"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    requester_key = models.CharField(_("requester's key"), max_length=64, blank=True)
    requester_label = models.CharField(_("requester's name"), max_length=200)
    view_name = models.CharField(_("saved view"), max_length=200, blank=True)
    frozen = models.JSONField(_("frozen request"))
    again_of = models.ForeignKey(
        "self",
        verbose_name=_("run again of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING)
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, default=Stage.QUEUED)
    total_items = models.BigIntegerField(_("rows in all"), null=True, blank=True)
    exported_items = models.BigIntegerField(_("rows exported"), default=0)
    failed_items = models.BigIntegerField(_("rows failed"), default=0)
    message = models.CharField(_("message"), max_length=500, blank=True)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_message = models.CharField(_("error message"), max_length=500, blank=True)

    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    crashes = models.PositiveIntegerField(_("workers lost"), default=0)
    interruptions = models.PositiveIntegerField(_("hand-backs"), default=0)
    fence = models.PositiveBigIntegerField(_("fence"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    bell_at = models.DateTimeField(_("next ring"), null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=100, blank=True)

    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    queued_at = models.DateTimeField(_("queued"), db_default=Now())
    turn_at = models.DateTimeField(_("turn"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    completed_at = models.DateTimeField(_("ended"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))

    file = models.OneToOneField(
        "ExportFile",
        verbose_name=_("file"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="published_by",
    )
    downloads = models.PositiveIntegerField(_("downloads"), default=0)
    email_notification = models.BooleanField(_("notify by mail"), default=True)
    email_sent_at = models.DateTimeField(_("mail sent"), null=True, blank=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, null=True, blank=True)
    request_digest = models.CharField(_("digest of the request"), max_length=64, blank=True)

    log_length = models.PositiveIntegerField(_("log lines"), default=0)
    log_head = models.CharField(_("head of the log"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["requester_key", "idempotency_key"], name="waybill_job_once_per_key"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.COMPLETED) | Q(file__isnull=False),
                name="waybill_job_completed_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PROCESSING) | Q(lease_until__isnull=False),
                name="waybill_job_processing_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(exported_items__gte=0)
                & Q(failed_items__gte=0)
                & (Q(total_items__isnull=True) | Q(total_items__gte=0)),
                name="waybill_job_counters_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="waybill_job_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.FAILED) | ~Q(error_code=""),
                name="waybill_job_failed_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["requester", "-requested_at", "-id"], name="waybill_job_mine"),
            models.Index(fields=["-requested_at", "-id"], name="waybill_job_newest"),
            models.Index(fields=["resource", "-requested_at"], name="waybill_job_resource"),
            models.Index(fields=["status", "lease_until"], name="waybill_job_lease"),
            models.Index(fields=["status", "expires_at"], name="waybill_job_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.format} {self.pk}"


class ExportFile(models.Model):
    """A file an attempt announced before it was stored, and what became of it.

    The row is written before the first byte reaches the storage, so that whatever a killed
    attempt leaves there is known by its key. It belongs to the export only once the job points
    at it; `deleted_at` says that nothing is stored under the key any more.
    """

    job = models.ForeignKey(
        ExportJob, verbose_name=_("export"), on_delete=models.PROTECT, related_name="files"
    )
    fence = models.PositiveBigIntegerField(_("fence"))
    alias = models.CharField(_("storage"), max_length=64, blank=True)
    key = models.CharField(_("key"), max_length=200, null=True, blank=True, unique=True)
    name = models.CharField(_("download name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100)
    rows = models.BigIntegerField(_("rows"))
    bytes = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    receipt = models.JSONField(_("receipt"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    delete_pending_at = models.DateTimeField(_("to be deleted since"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("export file")
        verbose_name_plural = _("export files")
        constraints = [
            models.CheckConstraint(
                condition=Q(rows__gte=0) & Q(bytes__gte=0), name="waybill_file_sizes_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["deleted_at", "delete_pending_at"], name="waybill_file_sweep"),
        ]

    def __str__(self) -> str:
        return self.name


class ExportLog(models.Model):
    """One line of the log. Lines are only ever added; database triggers refuse all else.

    A line of an export has a place in that export's chain (`seq`, `mac`); every line has a place
    in the site's chain (`site_seq`, `site_mac`). The actor stands as text, so that deleting a
    person changes no line.
    """

    job = models.ForeignKey(
        ExportJob,
        verbose_name=_("export"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="log",
    )
    seq = models.PositiveIntegerField(_("line"), null=True, blank=True)
    site_seq = models.PositiveBigIntegerField(_("line of the site"), unique=True)
    event = models.CharField(_("event"), max_length=40)
    resource = models.CharField(_("resource"), max_length=64, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True)
    processed_items = models.BigIntegerField(_("rows so far"), null=True, blank=True)
    current_batch = models.PositiveIntegerField(_("batch"), null=True, blank=True)
    total_batches = models.PositiveIntegerField(_("batches"), null=True, blank=True)
    duration_ms = models.BigIntegerField(_("milliseconds"), null=True, blank=True)
    actor_key = models.CharField(_("actor's key"), max_length=64, blank=True)
    actor = models.CharField(_("actor"), max_length=200)
    address = models.CharField(_("address"), max_length=45, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    created_at = models.DateTimeField(_("time"))
    mac = models.CharField(_("seal"), max_length=64)
    site_mac = models.CharField(_("seal of the site"), max_length=64)

    class Meta:
        verbose_name = _("log line")
        verbose_name_plural = _("log lines")
        ordering = ["site_seq"]
        constraints = [
            models.UniqueConstraint(fields=["job", "seq"], name="waybill_log_line_once"),
        ]
        indexes = [
            models.Index(fields=["resource", "-site_seq"], name="waybill_log_resource"),
            models.Index(fields=["event", "-site_seq"], name="waybill_log_event"),
        ]

    def __str__(self) -> str:
        return f"{self.site_seq} {self.event}"


class AuditHead(models.Model):
    """The end of the site's chain: its length, last seal and own seal. One row.

    The own seal is over the line `sealed`: a version before it moves the head and leaves the seal.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    length = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=64, blank=True)
    sealed = models.PositiveBigIntegerField(default=0, db_default=0)
    seal = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="waybill_audit_head_is_one"),
        ]

    def __str__(self) -> str:
        return str(self.length)


class AcceptedStart(models.Model):
    """A start that counts towards a person's limit. The sweep drops those past the window."""

    requester_key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["requester_key", "at"], name="waybill_start_window")]

    def __str__(self) -> str:
        return f"{self.requester_key} {self.at:%Y-%m-%d %H:%M:%S}"


class Notice(models.Model):
    """The outbox: a notice that was decided in the transaction of the event it tells of.

    It waits until it has an outcome. A sender holds it until `lease_until`, and its `tries` say
    which sender that is.
    """

    job = models.ForeignKey(
        ExportJob, verbose_name=_("export"), on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=NoticeKind)
    channel = models.CharField(_("channel"), max_length=16, default="mail")
    message_id = models.UUIDField(_("message id"), unique=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    due_at = models.DateTimeField(_("due"), db_default=Now())
    tries = models.PositiveIntegerField(_("tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=NoticeOutcome, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = [F("due_at").asc(), "id"]
        indexes = [models.Index(fields=["sent_at", "dropped_at", "due_at"], name="waybill_outbox")]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"


class SweepTurn(models.Model):
    """When a step that is too dear for every sweep is due again; who moves the time does it."""

    step = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.step


class Worker(models.Model):
    """A process that runs exports, as it last said that it is there."""

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    seen_at = models.DateTimeField(_("seen"), db_default=Now())

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name


class AuditVerdict(models.Model):
    """What the last walk over the whole log found. One row; to be shown, never to be trusted."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    lines = models.PositiveBigIntegerField(default=0)
    finding = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)  # when a sweep set out for the next one

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="waybill_audit_verdict_is_one"),
        ]

    def __str__(self) -> str:
        return self.finding or str(self.lines)


class LogTotals(models.Model):
    """What the log adds up to, up to one of its lines. One row; the metrics go on from it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    upto = models.PositiveBigIntegerField()
    mac = models.CharField(max_length=64)
    counts = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="waybill_log_totals_are_one"),
        ]
        verbose_name = verbose_name_plural = _("log totals")

    def __str__(self) -> str:
        return str(self.upto)


class ExportPreset(models.Model):
    """What somebody chose in the dialog: kept under a name, or without one the last of a view.

    `choices` are the names and values of the form's fields, as pairs.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    resource = models.CharField(_("resource"), max_length=64)
    name = models.CharField(_("name"), max_length=80, blank=True)
    view = models.CharField(_("saved view"), max_length=200, blank=True)
    shared = models.BooleanField(_("shared"), default=False)
    choices = models.JSONField(_("choices"))
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "resource", "name", "view"], name="waybill_preset_once"
            ),
        ]
        indexes = [models.Index(fields=["resource", "shared"], name="waybill_preset_shared")]

    def __str__(self) -> str:
        return self.name or self.view
