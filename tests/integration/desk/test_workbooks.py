"""Workbooks of tickets and assets: colours and totals of status and priority."""

import io

import openpyxl
import pytest

from desk.assets.models import Asset, AssetStatus
from desk.tickets.models import Priority, Status, Ticket
from waybill import exports
from waybill.values import ExportRequest

pytestmark = pytest.mark.django_db(transaction=True)


def written(resource):
    """Give what an export of all rows says by colour and by number."""
    out = io.BytesIO()
    request = ExportRequest(resource=resource, format="excel")
    exports.write(exports.planned(request, by=None), out)
    rows, told = openpyxl.load_workbook(out, data_only=True).worksheets
    colours = {
        rule.formula[0]: rule.dxf.fill.bgColor.rgb
        for ranged in rows.conditional_formatting
        for rule in ranged.rules
    }
    return colours, {label.value: count.value for label, count in told.iter_rows(max_col=2)}


def test_status_and_priority_are_coloured_and_counted():
    waiting = Status.objects.create(name="Waiting for parts", tone="amber")
    burning = Priority.objects.create(name="Burning", tone="red")
    Ticket.objects.create(ticket_code="T-1", subject="one", status=waiting, priority=burning)
    Ticket.objects.create(ticket_code="T-2", subject="two", status=waiting)
    colours, counted = written("tickets")
    assert colours['"Waiting for parts"'] == "FFFEF3C7"
    assert colours['"Burning"'] == "FFFEE2E2"
    assert counted["Waiting for parts"] == 2
    assert counted["Burning"] == 1


def test_the_status_of_assets_is_coloured_and_counted():
    lost = AssetStatus.objects.create(name="Lost at sea", tone="red")
    for number in range(3):
        Asset.objects.create(asset_tag=f"A-{number}", name="Buoy", status=lost)
    colours, counted = written("assets")
    assert colours['"Lost at sea"'] == "FFFEE2E2"
    assert counted["Lost at sea"] == 3
