"""Every error that Waybill raises.

A class's docstring is the log message, `public` the sentence for people, `code` the stable word
for programs, and `retryable` says whether a later attempt can end better.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = [
    "AlreadyMade", "BadFilter", "BadOption", "BadSort", "BadText", "CountMismatch",
    "DatabaseUnsupported", "DeclarationError", "DownloadRefused", "Fenced", "FileDamaged",
    "FileGone", "FormatUnknown", "Interrupted", "JobUnknown", "KeyReused", "LostRace",
    "MemoryShort", "NotAllowed", "NotKept", "NotLogged", "RateLimited", "ReceiptUnreadable",
    "RequestRefused", "ResourceUnknown", "RightLost", "RowFailed", "RowsUnseen", "RunFailed",
    "RunStopped", "SettingsError", "SnapshotImpossible", "SourceGone", "StorageDown", "StorageFull",
    "StreamLost", "TimeLimit", "TooMuch", "Unexpected", "UnknownColumn", "UnknownFilter",
    "ViewUnknown", "WaybillError", "WorkerLost", "WrongMoment", "sentence",
]  # fmt: skip

SHOWN_CHARACTERS = 100  # of a refused value: enough to recognise it, too little to flood a log


class WaybillError(Exception):
    """Waybill could not do what was asked."""

    code = "error"
    public: "StrOrPromise" = _("Something went wrong.")
    retryable = False


class DeclarationError(WaybillError):
    """An export is declared wrongly."""

    code = "declaration"


class SettingsError(WaybillError):
    """The setting WAYBILL is wrong."""

    code = "settings"


class RequestRefused(WaybillError):
    """A request names something that an export does not offer.

    `field` is the part of the request at fault, `value` what stood there, and `accepted` what
    would have been taken.
    """

    code = "refused"
    public = _("%(field)s: “%(value)s” is not accepted.")

    def __init__(self, *, field: str, value: object = "", accepted: Iterable[object] = ()) -> None:
        self.field = field
        self.value = str(value)[:SHOWN_CHARACTERS]
        self.accepted = tuple(str(one) for one in accepted)
        super().__init__(field, self.value)

    def __str__(self) -> str:
        """Give the sentence for people, with what would be accepted."""
        said = str(self.public) % {"field": self.field, "value": self.value}
        facts = {"said": said, "accepted": ", ".join(self.accepted)}
        return str(_("%(said)s Accepted: %(accepted)s.")) % facts if self.accepted else said


class ResourceUnknown(RequestRefused):
    """No export of that name is registered."""

    code = "unknown_resource"
    public = _("There is no export named “%(value)s”.")


class FormatUnknown(RequestRefused):
    """No writer makes that format."""

    code = "unknown_format"
    public = _("“%(value)s” is not a known format.")


class UnknownColumn(RequestRefused):
    """A column is not declared, or not for this person."""

    code = "unknown_column"
    public = _("“%(value)s” is not a column of this export.")


class UnknownFilter(RequestRefused):
    """A filter is not declared."""

    code = "unknown_filter"
    public = _("“%(value)s” is not a filter of this export.")


class BadFilter(RequestRefused):
    """The value of a filter does not parse."""

    code = "bad_filter"
    public = _("The filter %(field)s does not understand “%(value)s”.")


class BadSort(RequestRefused):
    """The rows cannot be sorted by that."""

    code = "bad_sort"
    public = _("The rows cannot be sorted by “%(value)s”.")


class ViewUnknown(RequestRefused):
    """No saved view of that name is there for the person."""

    code = "unknown_view"
    public = _("There is no saved view named “%(value)s”.")


class BadOption(RequestRefused):
    """An option has a value that it does not take."""

    code = "bad_option"
    public = _("The option %(field)s does not take “%(value)s”.")


class BadText(RequestRefused):
    """A text holds a NUL or half a character, which no database stores."""

    code = "bad_text"
    public = _("%(field)s holds a character that cannot be stored.")


class TooMuch(RequestRefused):
    """A request is longer than the limits allow."""

    code = "too_much"
    public = _("%(field)s is too long: %(value)s.")


class NotAllowed(RequestRefused):
    """The person lacks the right."""

    code = "not_allowed"
    public = _("You may not export this.")


class RunFailed(WaybillError):
    """An export could not be written."""

    code = "run_failed"
    public = _("The export failed.")


class SourceGone(RunFailed):
    """The row source stopped answering."""

    code = "source_gone"
    public = _("The database did not answer. The export will be tried again.")
    retryable = True


class DatabaseUnsupported(RunFailed):
    """Waybill has no reader for this kind of database."""

    code = "database_unsupported"
    public = _("Exports are not possible from this kind of database.")


class RowsUnseen(RunFailed):
    """The rows are where no second connection can see them."""

    code = "rows_unseen"
    public = _("Exports need a database that a second connection can read.")


class SnapshotImpossible(RunFailed):
    """The tables cannot be read as of one instant."""

    code = "snapshot_impossible"
    public = _("These tables cannot be read as of one instant.")


class CountMismatch(RunFailed):
    """Rows counted, rows read and rows written are not the same number."""

    code = "count_mismatch"
    public = _("The file did not hold every row, so it was thrown away.")
    retryable = True

    def __init__(self, *, counted: int, read: int, written: int) -> None:
        super().__init__(f"counted={counted} read={read} written={written}")


class RowFailed(RunFailed):
    """A column computed in Python raised."""

    code = "row_failed"
    public = _("A column could not be computed for one of the rows.")

    def __init__(self, *, column: str, error: str = "") -> None:
        self.column = column
        super().__init__(f"column={column} error={error}")


class RightLost(RunFailed):
    """The requester lost the right while the export ran."""

    code = "right_lost"
    public = _("The right to make this export was withdrawn.")


class RunStopped(RunFailed):
    """Somebody stopped the export."""

    code = "stopped"
    public = _("The export was stopped.")


class LostRace(WaybillError):
    """A job had moved on, so the move did not happen."""

    code = "lost_race"


class Fenced(WaybillError):
    """An attempt was superseded: its worker no longer holds the job."""

    code = "fenced"


class WrongMoment(RequestRefused):
    """An export does not stand where the action begins."""

    code = "wrong_moment"
    public = _("This cannot be done to the export as it stands: “%(value)s”.")


class JobUnknown(RequestRefused):
    """There is no such export, or none that this person may know of."""

    code = "unknown_export"
    public = _("There is no such export.")


class KeyReused(RequestRefused):
    """An idempotency key came again with another body."""

    code = "key_reused"
    public = _("The %(field)s “%(value)s” was used for another export.")


class AlreadyMade(RequestRefused):
    """A direct export was asked for again under its key; its file was not kept."""

    code = "already_made"
    public = _("This was exported already, as %(value)s.")


class ReceiptUnreadable(RequestRefused):
    """A file is not a receipt."""

    code = "receipt_unreadable"
    public = _("%(value)s is not a receipt.")


class RateLimited(WaybillError):
    """A person started more exports than the limit allows."""

    code = "rate_limited"
    public: "StrOrPromise" = _("No exports can be started here at present.")

    def __init__(self, *, seconds: int, most: int) -> None:
        """Name when the next of at most so many can start; of none, none ever can."""
        self.seconds = seconds
        if most:
            said = ngettext(
                "Too many exports in a short time. The next can start in %(seconds)d second.",
                "Too many exports in a short time. The next can start in %(seconds)d seconds.",
                seconds,
            )
            self.public = said % {"seconds": seconds}
        super().__init__(f"seconds={seconds}")


class NotLogged(RunFailed):
    """The log did not take a line, so what it was to tell did not happen."""

    code = "not_logged"
    public = _("The log could not be written, so nothing was done. Please try again later.")
    retryable = True


class WorkerLost(RunFailed):
    """The worker of every attempt ended in the middle of it."""

    code = "worker_lost"
    public = _("The export was started several times and cut off each time.")


class StreamLost(RunFailed):
    """The connection of a direct export broke before its end."""

    code = "stream_lost"
    public = _("The connection broke before the file was complete.")


class Interrupted(RunFailed):
    """Workers were stopped too often for the export to come through."""

    code = "interrupted"
    public = _("The export was interrupted too often by restarts.")


class TimeLimit(RunFailed):
    """An attempt took longer than the export allows."""

    code = "time_limit"
    public = _("The export took longer than it may.")


class StorageFull(RunFailed):
    """There is no room for the file."""

    code = "storage_full"
    public = _("There is no room left for the file.")


class StorageDown(RunFailed):
    """The storage did not take or give the file."""

    code = "storage_down"
    public = _("The storage did not answer. The export will be tried again.")
    retryable = True


class FileGone(RequestRefused):
    """An export's file is no longer there."""

    code = "gone"
    public = _("The file of this export is no longer there.")


class NotKept(FileGone):
    """A direct export's file was sent and not kept."""

    code = "not_kept"
    public = _("This file was sent at once and not kept.")


class DownloadRefused(RequestRefused):
    """The person may know of the export, but not fetch its file."""

    code = "download_not_allowed"
    public = _("You may not download this file.")


class FileDamaged(RequestRefused):
    """A stored file is not what its receipt says."""

    code = "integrity_error"
    public = _("The stored file is damaged and is not given out.")


class MemoryShort(RunFailed):
    """The process ran out of memory."""

    code = "out_of_memory"
    public = _("There was too little memory. The export will be tried again.")
    retryable = True


class Unexpected(RunFailed):
    """Something failed that nobody foresaw."""

    code = "unexpected"
    public = _("The export failed for a reason we did not foresee.")


def sentence(code: str) -> "StrOrPromise":
    """Give the sentence for people behind the code of a failed run; empty for any other code."""
    return next((kind.public for kind in RunFailed.__subclasses__() if kind.code == code), "")
