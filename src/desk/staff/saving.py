"""Hands a form's values to an action, and what the action refuses back to the form."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import ngettext

from desk.staff.fields import NUL, replaced, storable

__all__ = ["first_problem", "posted", "saved", "tell_replaced"]


def saved[T](form: BaseForm, action: Callable[[], T]) -> T | None:
    """Run the action on a valid form; None where the form or the action found a fault."""
    if not form.is_valid():
        return None
    try:
        return action()
    except ValidationError as error:
        _report(form, error)
        return None


def first_problem(error: ValidationError) -> str:
    """Give what is wrong as one sentence, for a message."""
    return str(next(iter(error.messages)))


def tell_replaced(request: HttpRequest, form: BaseForm) -> None:
    """Say how many characters of the form's texts were replaced, if any were."""
    _tell(request, replaced(form))


def posted(request: HttpRequest, name: str) -> str:
    """Give one text of a form as it can be kept, and say what of it was replaced."""
    text = request.POST.get(name, "")
    _tell(request, text.count(NUL))
    return storable(text)


def _tell(request: HttpRequest, count: int) -> None:
    if count:
        said = ngettext(
            "%d character that cannot be kept (NUL) is now a “\ufffd”.",
            "%d characters that cannot be kept (NUL) are now each a “\ufffd”.",
            count,
        )
        messages.warning(request, said % count)


def _report(form: BaseForm, error: ValidationError) -> None:
    faults = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error}
    for name, fault in faults.items():
        form.add_error(name if name in form.fields else None, fault)
