"""A workbook of tickets: colours and totals of status and priority."""

import io

import openpyxl
import pytest

from desk.tickets.models import Priority, Status, Ticket
from waybill import exports
from waybill.values import ExportRequest

pytestmark = pytest.mark.django_db(transaction=True)


def test_status_and_priority_are_coloured_and_counted():
    waiting = Status.objects.create(name="Waiting for parts", tone="amber")
    burning = Priority.objects.create(name="Burning", tone="red")
    Ticket.objects.create(ticket_code="T-1", subject="one", status=waiting, priority=burning)
    Ticket.objects.create(ticket_code="T-2", subject="two", status=waiting)
    out = io.BytesIO()
    request = ExportRequest(resource="tickets", format="excel")
    exports.write(exports.planned(request, by=None), out)
    rows, told = openpyxl.load_workbook(out, data_only=True).worksheets
    rules = {
        rule.formula[0]: rule.dxf.fill.bgColor.rgb
        for ranged in rows.conditional_formatting
        for rule in ranged.rules
    }
    assert rules['"Waiting for parts"'] == "FFFEF3C7"
    assert rules['"Burning"'] == "FFFEE2E2"
    counted = {label.value: count.value for label, count in told.iter_rows(max_col=2)}
    assert counted["Waiting for parts"] == 2
    assert counted["Burning"] == 1
