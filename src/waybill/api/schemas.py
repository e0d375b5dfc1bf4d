"""What goes in and comes out, typed."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

__all__ = [
    "Accepted",
    "ExportBody",
    "Job",
    "JobPage",
    "LogLine",
    "LogPage",
    "OptionsBody",
    "Pagination",
    "Problem",
]

type Scalar = str | int | float | bool | None
type FilterValue = Scalar | list[Scalar]
type Word = Annotated[str, Field(max_length=200)]
type Flag = Annotated[bool, Field(strict=True)]  # 0 and "yes" are no booleans of JSON


class OptionsBody(Schema):
    """How the file is written."""

    model_config = ConfigDict(extra="forbid")

    delimiter: str = Field(default=",", description="Between the cells of a CSV row")
    bom: Flag = Field(default=True, description="Begin a CSV file with a byte order mark")
    raw: Flag = Field(default=False, description="The form for machines: keys, no guard, UTC times")
    guard: Flag = Field(default=True, description="Keep cells from being run as formulas")
    zone: str = Field(default="", description="Time zone of the times; empty is the person's own")
    compression: str = Field(default="", description="`gzip` for CSV and NDJSON")
    children: Flag = Field(
        default=False, description="Include the child rows, as comments of tickets"
    )


class ExportBody(Schema):
    """What to export; all of it is optional."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    format: str = Field(default="csv", description="`csv`, `excel`, `json` or `ndjson`")
    columns: list[Word] | None = Field(
        default=None, description="Keys, in order; default the view's"
    )
    labels: dict[str, str] = Field(default={}, description="Other labels for columns")
    filters: dict[str, FilterValue] = Field(
        default={}, description="Declared names only, joined by AND"
    )
    search: str = ""
    sort: Word | list[Word] = Field(default="", description="Keys, a leading - for descending")
    view: str = Field(default="", description="A saved view to start from")
    background: Flag | None = Field(
        default=None,
        alias="async",
        description="true: in the background; false: at once or not at all",
    )
    dry_run: Flag = Field(default=False, description="Only say what would come")
    email_notification: Flag = Field(
        default=True, description="Mail at the end of a background export"
    )
    options: OptionsBody = OptionsBody()


class JobError(Schema):
    """Why an export failed."""

    code: str
    message: str


class Job(Schema):
    """An export. Times are ISO 8601 in UTC, sizes bytes."""

    export_id: str
    resource_type: str
    format: str
    status: Literal["pending", "processing", "completed", "failed", "canceled", "expired"]
    stage: Literal["queued", "counting", "exporting", "uploading", "done"]
    percent: int
    attempt: int
    delivery: Literal["background", "direct"]
    columns: list[str]
    filters: dict[str, Any]
    error: JobError | None
    downloads: int
    email_sent_at: datetime | None
    total_items: int | None
    exported_items: int
    failed_items: int
    success_rate: float | None
    message: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime
    file_size: int | None
    sha256: str | None
    download_url: str | None


class Pagination(Schema):
    """Where a page stands: follow `next` until it is null."""

    total: int
    limit: int
    next_cursor: str | None
    next: str | None


class JobPage(Schema):
    """A page of exports, the newest first."""

    data: list[Job]
    pagination: Pagination


class LogLine(Schema):
    """A line of an export's log."""

    event: str
    message: str
    processed_items: int | None
    current_batch: int | None
    total_batches: int | None
    duration_ms: int | None
    actor: str
    created_at: datetime


class LogPage(Schema):
    """A page of a log, the oldest first."""

    data: list[LogLine]
    pagination: Pagination


class EstimatedWait(Schema):
    """How long it may take until the file is there."""

    seconds: int
    words: str


class Accepted(Schema):
    """A background export was accepted."""

    export_id: str
    status: str
    message: str
    estimated_wait: EstimatedWait
    status_url: str
    logs_url: str


class Problem(Schema):
    """What went wrong (RFC 9457). `field` and `accepted` where the request is at fault."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    value: str | None = None
    accepted: list[str] | None = None
    retry_after: int | None = None
