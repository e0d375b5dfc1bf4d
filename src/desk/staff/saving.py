"""Hands a form's values to an action, and what the action refuses back to the form."""

from collections.abc import Callable

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm

__all__ = ["first_problem", "saved"]


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


def _report(form: BaseForm, error: ValidationError) -> None:
    faults = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error}
    for name, fault in faults.items():
        form.add_error(name if name in form.fields else None, fault)
