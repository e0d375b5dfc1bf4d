"""Exports that a test declares for itself, and what comes out of them."""

import io
import itertools

import pytest

from waybill import Export, Policy, exports
from waybill.registry import EXPORTS, register
from waybill.values import ExportRequest, Options

__all__ = ["declare", "exported"]

NUMBERS = itertools.count(1)


class Everyone(Policy):
    """Lets every active person start."""

    def can_start(self, user, export):
        return True


@pytest.fixture
def declare():
    """Give a function that registers an export of a model for this test, and gives its name."""
    made = []

    def registered(model, columns, **attributes):
        name = f"own_{next(NUMBERS)}"
        given = {"policy": Everyone(), **attributes, "name": name, "model": model}
        register(type(name, (Export,), {**given, "columns": columns}))
        made.append(name)
        return name

    yield registered
    for name in made:
        del EXPORTS[name]


def exported(name, fmt="csv", *, by=None, options=None, **asked):
    """Give the bytes of an export and its receipt."""
    given = Options(**{"bom": False, **(options or {})})
    request = ExportRequest(resource=name, format=fmt, options=given, **asked)
    out = io.BytesIO()
    receipt = exports.write(exports.planned(request, by=by), out)
    return out.getvalue(), receipt
