"""Settings of processes that use another task backend in the database than Desk's own."""

from tests import worker_settings

globals().update({name: value for name, value in vars(worker_settings).items() if name.isupper()})
INSTALLED_APPS = [*worker_settings.INSTALLED_APPS, "dj_queue"]
TASKS = {
    "default": {
        "BACKEND": "dj_queue.backend.DjQueueBackend",
        "OPTIONS": {
            "mode": "async",
            "workers": [{"queues": "*", "threads": 1, "prefetch_multiplier": 1}],
            "dispatchers": [{"polling_interval": 0.2}],
            "shutdown_timeout": 10,
        },
    }
}
