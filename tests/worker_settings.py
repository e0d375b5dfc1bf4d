"""Settings of the worker processes that tests start: the test's database and its own numbers."""

import json
import os

from tests import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})
WAYBILL = {**settings.WAYBILL, **json.loads(os.environ.get("WAYBILL_FOR_TEST", "{}"))}
TESTING = True
