"""A process that starts exports as fast as it can, on a database of the tests' choice.

`python -m tests.factories.starters PERSON COUNT` prints what became of each start, as JSON.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from waybill import conf

__all__ = ["main", "variables"]


def variables(database, folder):
    """Give the environment of such a process: a database as Django's settings name it."""
    names = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")
    chosen = {name: database[name] for name in names if database.get(name)}
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "WAYBILL_TEST_DATABASE": json.dumps(chosen),
        "DESK_DATA_DIR": str(folder),
        "WAYBILL_FOR_TEST": json.dumps(
            {"doorbell": "tests.factories.jobs.heard", "keys_dir": str(conf.settings().keys)}
        ),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


def main(person, count):
    """Start `count` exports at once; gives `started` or the code of the refusal, for each."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import connections

    from waybill import errors
    from waybill.jobs.request import request_export
    from waybill.plan.freeze import freeze
    from waybill.values import ExportRequest

    by = get_user_model().objects.get(pk=person)

    def one(_number):
        try:
            request_export(freeze(ExportRequest(resource="parcels"), by), by=by)
        except errors.RateLimited as refused:
            return refused.code
        finally:
            connections.close_all()
        return "started"

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
