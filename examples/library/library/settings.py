import os
import sys
from pathlib import Path

HERE = Path(os.environ.get("LIBRARY_DIR") or Path(__file__).parent.parent)
DEBUG = True
SECRET_KEY = "only-for-trying-it-out"
ROOT_URLCONF = "library.urls"
INSTALLED_APPS = [
    "library",
    "waybill",  # the engine
    "django_htmx",  # its pages
    "ninja",  # its API
    "django_tasks_db",  # a queue for its large exports
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
WAYBILL = {"data_dir": HERE / "var", "base_url": "http://127.0.0.1:8000"}
WAYBILL |= {"guard_log": "test" not in sys.argv}  # tests empty the tables, the log too
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PROCESSORS = ["template.context_processors.request"]
PROCESSORS += [f"contrib.{app}.context_processors.{app}" for app in ("auth", "messages")]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [f"django.{path}" for path in PROCESSORS]},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HERE / "library.sqlite3",
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL"},
        "TEST": {"NAME": HERE / "test.sqlite3"},
    }
}
STATIC_URL = "static/"
LOGIN_URL = "admin:login"
