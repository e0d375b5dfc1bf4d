"""What an export needs of memory, on every database (G10)."""

import ctypes
import gc
import os
from pathlib import Path

import pytest

from tests.sample.models import Parcel, Shelf
from waybill import Column, Export, exports, registry
from waybill.values import ExportRequest
from waybill.write.encode import WRITERS

LARGE = 10_000_000  # bytes


def grown(fmt, columns=None, resource="parcels"):
    """Write an export to nowhere; give by how many bytes the process grew meanwhile."""
    plan = exports.planned(ExportRequest(resource=resource, format=fmt, columns=columns), by=None)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed before would hide what is taken now
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = memory("VmRSS")
    with Path(os.devnull).open("wb") as out:
        exports.write(plan, out)
    return memory("VmHWM") - before


def memory(name):
    """Read a figure of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024


@pytest.mark.parametrize("fmt", sorted(WRITERS))
def test_a_cell_of_ten_megabytes_costs_no_more_than_three_times_its_size(database, fmt):
    """FAULTS 2 and 56: memory is bounded by the largest cell, and by little more."""
    Parcel.objects.create(code="small", text="x")
    columns = ("id", "code", "text")
    grown(fmt, columns)
    usual = grown(fmt, columns)
    Parcel.objects.create(code="large", text="x=" * (LARGE // 2))
    assert grown(fmt, columns) - usual <= 3 * LARGE


@pytest.fixture
def wide(monkeypatch):
    """Register an export of 500 columns."""

    class WideExport(Export):
        name = "wide"
        model = Shelf
        columns = [Column(f"c{n}", path=("name", "position")[n % 2]) for n in range(500)]

    monkeypatch.setitem(registry.EXPORTS, "wide", WideExport())


@pytest.mark.parametrize("fmt", sorted(WRITERS))
def test_five_hundred_columns_need_no_more_memory_for_more_rows(database, wide, fmt):
    """FAULTS 67: bounded by some chunks of rows, however wide a row is and however many.

    On PostgreSQL 100,000 of them, only in the format that is quickest.
    """
    more = 100_000 if database == "postgresql" and fmt == "csv" else 1_100
    Shelf.objects.bulk_create(Shelf(name="wide", position=n) for n in range(100))
    grown(fmt, resource="wide")
    few = grown(fmt, resource="wide")
    Shelf.objects.bulk_create(Shelf(name="wide", position=n) for n in range(more))
    # The rows alone would be more than twice as much.
    assert grown(fmt, resource="wide") - few <= 15_000_000
