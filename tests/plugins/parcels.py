"""Parcels enough for an export that takes a while, and what is on the disk of exports."""

import hashlib
import io
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.factories.jobs import requested
from waybill import conf, exports
from waybill.values import ExportRequest

__all__ = ["disk", "fresh_folder", "parcels", "start"]

ROWS = 4_000
MADE = """
    INSERT INTO sample_parcel (code, text, size, token)
    SELECT 'P-' || n, %s, '', gen_random_uuid() FROM generate_series(0, %s) AS n ORDER BY n
"""
# Columns that give the same bytes at every run: none says how old something is.
PLAIN = ExportRequest(resource="parcels", columns=("id", "code", "text", "shelf"))


@pytest.fixture
def fresh_folder(settings, tmp_path):
    """Give the engine a folder of the test's own, with the keys of the run."""
    keys = conf.settings().keys
    settings.WAYBILL = {**settings.WAYBILL, "data_dir": tmp_path / "waybill", "keys_dir": keys}


@pytest.fixture
def parcels(transactional_db, fresh_folder):
    """Make 4,000 parcels of 500 bytes: about eight chunks of rows."""
    # By the database: objects of Python would take a second of nearly every test of the workers.
    with connection.cursor() as cursor:
        cursor.execute(MADE, ["wide load " * 50, ROWS - 1])
    out = io.BytesIO()
    exports.write(exports.planned(PLAIN, by=None), out)
    return SimpleNamespace(rows=ROWS, sha256=hashlib.sha256(out.getvalue()).hexdigest())


@pytest.fixture
def start(parcels):
    """Give a function that requests an export of the parcels, each time for the same person."""
    person = get_user_model().objects.create_user("pat", display_name="Pat")
    return lambda **wish: requested(person, request=PLAIN, **wish)


@pytest.fixture
def disk(fresh_folder):
    """Give a function that names the files in spool and storage."""

    def names():
        folders = [conf.settings().spool, conf.settings().files]
        return sorted(
            path.name for folder in folders for path in folder.rglob("*") if path.is_file()
        )

    return names
