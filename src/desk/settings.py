"""Settings of Desk. What differs from place to place comes from the environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from desk import addresses, embedded, env, places

DATA_DIR = env.data_dir()
KEYS_DIR = env.keys_dir()

DEBUG = False
SECRET_KEY = env.key("SECRET_KEY")

# The address people use. `desk up` sets it to its own; unset, an address with TLS is assumed.
BASE_URL = os.environ.get("DESK_URL", "").rstrip("/")
_address = urlsplit(BASE_URL or "https://localhost")
_behind_tls = _address.scheme == "https"
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS"), *filter(None, [_address.hostname])]
if not _behind_tls:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []

INSTALLED_APPS = [
    "desk",
    "desk.staff",
    "desk.people",
    "desk.tickets",
    "desk.assets",
    "desk.views",
    "desk.mail",
    "desk.demo",
    "waybill",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "django_tasks_db",
    "ninja",
    "axes",
]

MIDDLEWARE = [
    "desk.front.ProbeMiddleware",
    "desk.front.ProxyMiddleware",
    "desk.front.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "desk.staff.middleware.LogInAgainMiddleware",
    "desk.staff.middleware.LocalTimeMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "desk.urls"
WSGI_APPLICATION = "desk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.staff.navigation.shell",
            ],
        },
    },
]

DATABASES = {
    "default": {
        **(
            addresses.database(url)
            if (url := os.environ.get("DATABASE_URL"))
            else embedded.database()
        ),
        # A connection a thread is kept a minute: opening one costs more than most of the pages.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "people:login"

# Lock-out by name and address together: a guesser locks out neither a colleague nor a whole office.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "people/locked.html"
AXES_USERNAME_CALLABLE = "desk.people.log_in.counted_name"
AXES_CLIENT_IP_CALLABLE = "desk.front.client_address"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# Without a mail server mails are files, and a page for administrators shows them.
MAILERS = {"default": addresses.mailer(os.environ.get("MAIL_URL") or (DATA_DIR / "mail").as_uri())}
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM") or f"desk@{_address.hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

WAYBILL = {
    "data_dir": DATA_DIR / "waybill",
    "keys_dir": KEYS_DIR,
    "starts_per_minute": env.number("DESK_EXPORTS_PER_MINUTE", 5),
    "running_per_person": env.number("DESK_RUNNING_PER_PERSON", 2),
    "api_auth": ("desk.people.api_auth.token_or_session",),
    "base_url": BASE_URL or f"https://{ALLOWED_HOSTS[0].lstrip('.')}",
    "metrics_token": os.environ.get("METRICS_TOKEN", ""),
    "wants_notice": "desk.people.notices.wants",
    "anchor_file": places.anchor(KEYS_DIR, DATABASES["default"]),
    "quota_bytes": env.number("DESK_QUOTA_BYTES", 0),
    "tidy": ("waybill.contrib.tasks_db.tidy", "desk.tickets.search.tidy"),
    "command": ("desk", "export"),
    "log_words": "desk.people.auditwords.words",
    **places.engine(),
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    **places.storage(os.environ.get("STORAGE_URL", "")),
}
MEDIA_ROOT = DATA_DIR / "media"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Everything comes from our own address; no inline script or style, no frame, no plug-in.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = _behind_tls
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _behind_tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _behind_tls
SECURE_HSTS_PRELOAD = _behind_tls
# Whose word on the client's address and scheme counts; of all others `ProxyMiddleware` drops it.
PROXIES = env.networks("DESK_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Forms and JSON; and what the page takes that verifies files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
UPLOAD_BYTES = env.number("DESK_UPLOAD_BYTES", 4_000_000_000)
SESSION_COOKIE_SECURE = _behind_tls
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _behind_tls
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "desk.staff.views.too_old"

LOG_FORM = "json" if env.flag("DESK_JSON_LOGS") else "line"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "desk.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORM}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
