"""The page that a file and its receipt are dropped on, and that says whether the file is whole."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from waybill import errors
from waybill.staff.access import page
from waybill.store.check import Check
from waybill.store.seal import signed_by_us
from waybill.store.verify import Verdict, parse_receipt

__all__ = ["prove"]

RECEIPT_BYTES = 8_000_000  # a receipt of 5,000,000,000 rows, a block each 50,000


class _ReceiptFirst(FileUploadHandler):
    """Takes the receipt, and hands the file on to the check, which keeps nothing of it.

    Of the file it takes no more than a receipt of ours says that it has: the receipt comes first,
    and without a good one no byte of the file is looked at.
    """

    def __init__(self, request: HttpRequest) -> None:
        """Begin with nothing."""
        super().__init__(request)
        self.refusal = ""
        self.whole = False
        self.check: Check | None = None
        self._most = 0
        self._receipt = bytearray()

    def new_file(self, *args: Any, **given: Any) -> None:
        """Begin one of the two."""
        super().new_file(*args, **given)
        if self.field_name == "receipt":
            self._receipt.clear()
            self._most = RECEIPT_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece, unless it is too much."""
        if start + len(raw_data) > self._most:
            self._refuse()
        if self.field_name == "receipt":
            self._receipt += raw_data
        elif self.check is not None:
            self.check.feed(raw_data)

    def file_complete(self, file_size: int) -> None:
        """Learn from a receipt how long its file is."""
        self._most = 0
        if self.field_name == "receipt":
            self._begin()
        elif self.field_name == "file":
            self.whole = True

    def close(self) -> None:
        """End the check, however the request ended."""
        if self.check is not None:
            self.check.close()

    def _begin(self) -> None:
        self.close()
        self.whole = False
        try:
            receipt = parse_receipt(bytes(self._receipt), name=str(self.file_name))
        except errors.ReceiptUnreadable as problem:
            self.refusal = str(problem)
            return
        if not signed_by_us(receipt):
            self.refusal = _("The receipt was changed, or was not signed by this installation.")
            return
        self._most = int(receipt["bytes"])
        self.check = Check(receipt)

    def _refuse(self) -> None:
        if self.field_name == "receipt":
            self.refusal = _("This is not a receipt: it is too long.")
        elif not self.refusal:
            self.refusal = (
                _("The file is longer than its receipt says.")
                if self._most
                else _("Send the receipt before the file.")
            )
        raise StopUpload(connection_reset=False)


@csrf_exempt
@page
def prove(request: HttpRequest) -> HttpResponseBase:
    """Check a file against its receipt while it comes in.

    The token is checked by the inner view: before it the way of uploads must be settled.
    """
    handler = _ReceiptFirst(request)
    request.upload_handlers = [handler]
    try:
        return _checked(request, handler)
    finally:
        handler.close()


@csrf_protect
def _checked(request: HttpRequest, handler: _ReceiptFirst) -> HttpResponse:
    context: dict[str, object] = {}
    # To ask for the files is what feeds the check; none of them is kept.
    if request.method == "POST" and not request.FILES:
        context["verdict"] = _verdict(handler)
    return render(request, "waybill/verify.html", context)


def _verdict(handler: _ReceiptFirst) -> Verdict:
    if handler.refusal:
        return Verdict(good=False, sentences=(handler.refusal,))
    if handler.check is None or not handler.whole:
        said = _("Choose both: the exported file and its receipt.")
        return Verdict(good=False, sentences=(said,))
    return handler.check.verdict()
