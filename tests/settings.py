"""Desk's settings for the tests: a database of this run, quick passwords, plain static files."""

import atexit
import os
import shutil
import tempfile

if "DESK_DATA_DIR" not in os.environ:
    os.environ["DESK_DATA_DIR"] = tempfile.mkdtemp(prefix="desk-test-")
    atexit.register(shutil.rmtree, os.environ["DESK_DATA_DIR"], ignore_errors=True)
os.environ.setdefault("DESK_URL", "http://testserver")
os.environ.setdefault("DESK_AUDIT_ANCHOR", "no")  # each test empties the log

from tests.plugins import postgres

os.environ.setdefault("DATABASE_URL", postgres.url())

from desk.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.sample"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
