"""Settings of the worker processes that tests start: the test's database and its own numbers."""

import json
import os
from datetime import timedelta

from django.utils import timezone

from desk import addresses
from tests import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})
WAYBILL = {**settings.WAYBILL, **json.loads(os.environ.get("WAYBILL_FOR_TEST", "{}"))}
TESTING = True
# No page is asked for here: without those of the admin and the API a process starts a fifth sooner.
PAGES = {"django.contrib.admin": "django.contrib.admin.apps.SimpleAdminConfig", "ninja": ""}
INSTALLED_APPS = [PAGES.get(app, app) for app in settings.INSTALLED_APPS if PAGES.get(app, app)]
if "MAIL_URL" in os.environ:
    MAILERS = {"default": addresses.mailer(os.environ["MAIL_URL"])}
if shift := os.environ.get("WAYBILL_TEST_CLOCK"):
    # A host whose clock is wrong by so many seconds.
    right = timezone.now
    timezone.now = lambda: right() + timedelta(seconds=float(shift))
if said := os.environ.get("WAYBILL_TEST_DATABASE"):
    DATABASES = {"default": json.loads(said)}
