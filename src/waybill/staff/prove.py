"""The page that a file and its receipt are dropped on, and that says whether the file is whole."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from waybill import errors
from waybill.staff.access import page
from waybill.store.verify import Verdict, read_receipt, verify

__all__ = ["prove"]

RECEIPT_BYTES = 8_000_000  # a receipt of 5,000,000,000 rows, a block each 50,000


@csrf_exempt
@page
def prove(request: HttpRequest) -> HttpResponseBase:
    """Check a file against its receipt; the upload goes with the end of the request.

    The token is checked by the inner view: before it the way of uploads must be settled.
    """
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return _checked(request)


@csrf_protect
def _checked(request: HttpRequest) -> HttpResponse:
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            context["verdict"] = _verdict(request)
        except errors.ReceiptUnreadable as problem:
            context["problem"] = str(problem)
    return render(request, "waybill/verify.html", context)


def _verdict(request: HttpRequest) -> Verdict:
    file, receipt = _upload(request, "file"), _upload(request, "receipt")
    if file is None or receipt is None:
        said = _("Choose both: the exported file and its receipt.")
        return Verdict(good=False, sentences=(said,))
    if (receipt.size or 0) > RECEIPT_BYTES:
        raise errors.ReceiptUnreadable(field="receipt", value=receipt.name or "")
    return verify(_path(file), read_receipt(_path(receipt)))


def _upload(request: HttpRequest, name: str) -> "UploadedFile[Any] | None":
    given = request.FILES.get(name)
    return given if isinstance(given, UploadedFile) else None


def _path(upload: "UploadedFile[Any]") -> Path:
    if not isinstance(upload, TemporaryUploadedFile):
        raise TypeError(upload)
    return Path(upload.temporary_file_path())
