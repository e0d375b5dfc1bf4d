"""The page that a file and its receipt are dropped on, and that says whether the file is whole."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from waybill import errors
from waybill.staff.access import page
from waybill.store.seal import signed_by_us
from waybill.store.verify import Verdict, read_receipt, verify

__all__ = ["prove"]

RECEIPT_BYTES = 8_000_000  # a receipt of 5,000,000,000 rows, a block each 50,000


class _ReceiptFirst(TemporaryFileUploadHandler):
    """Takes the receipt, and of the file no more than a receipt of ours says that it has.

    So nobody fills the disk: the receipt comes first, and without a good one no byte is kept.
    """

    refusal = ""
    most = 0

    def new_file(self, *args: Any, **given: Any) -> None:
        """Begin one of the two."""
        super().new_file(*args, **given)
        if self.field_name == "receipt":
            self.most = RECEIPT_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Take a piece, unless it is too much."""
        if start + len(raw_data) > self.most:
            self._refuse()
        return super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """Learn from a receipt how long its file is."""
        whole = super().file_complete(file_size)
        self.most = 0
        if self.field_name == "receipt" and whole is not None:
            self.most = self._said(whole)
        return whole

    def _said(self, upload: UploadedFile[Any]) -> int:
        try:
            receipt = read_receipt(_path(upload))
        except errors.ReceiptUnreadable as problem:
            self.refusal = str(problem)
            return 0
        if not signed_by_us(receipt):
            self.refusal = _("The receipt was changed, or was not signed by this installation.")
            return 0
        return int(receipt["bytes"])

    def _refuse(self) -> None:
        if self.field_name == "receipt":
            self.refusal = _("This is not a receipt: it is too long.")
        elif not self.refusal:
            self.refusal = (
                _("The file is longer than its receipt says.")
                if self.most
                else _("Send the receipt before the file.")
            )
        raise StopUpload(connection_reset=False)


@csrf_exempt
@page
def prove(request: HttpRequest) -> HttpResponseBase:
    """Check a file against its receipt; the upload goes with the end of the request.

    The token is checked by the inner view: before it the way of uploads must be settled.
    """
    handler = _ReceiptFirst(request)
    request.upload_handlers = [handler]
    return _checked(request, handler)


@csrf_protect
def _checked(request: HttpRequest, handler: _ReceiptFirst) -> HttpResponse:
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            context["verdict"] = _verdict(request, handler)
        except errors.ReceiptUnreadable as problem:
            context["problem"] = str(problem)
    return render(request, "waybill/verify.html", context)


def _verdict(request: HttpRequest, handler: _ReceiptFirst) -> Verdict:
    file, receipt = _upload(request, "file"), _upload(request, "receipt")
    if handler.refusal:
        return Verdict(good=False, sentences=(handler.refusal,))
    if file is None or receipt is None:
        said = _("Choose both: the exported file and its receipt.")
        return Verdict(good=False, sentences=(said,))
    return verify(_path(file), read_receipt(_path(receipt)))


def _upload(request: HttpRequest, name: str) -> "UploadedFile[Any] | None":
    given = request.FILES.get(name)
    return given if isinstance(given, UploadedFile) else None


def _path(upload: "UploadedFile[Any]") -> Path:
    if not isinstance(upload, TemporaryUploadedFile):
        raise TypeError(upload)
    return Path(upload.temporary_file_path())
