"""Addresses in the environment (database, mail) as the settings Django wants."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

__all__ = ["database", "mailer"]

ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
    "mariadb": "django.db.backends.mysql",
    "sqlite": "django.db.backends.sqlite3",
}


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
MAIL_SECONDS = 10  # a silent mail server may not hold a worker longer


def database(url: str) -> dict[str, Any]:
    """Turn a database address into Django's setting.

    `postgresql://user:password@host:5432/name?sslmode=require`; `?host=/folder` names a folder of
    sockets; `mysql://...`, `mariadb://...`; `sqlite:///relative.db` or `sqlite:////full/path.db`.
    """
    parts = urlsplit(url)
    engine = ENGINES.get(parts.scheme)
    if engine is None:
        accepted = ", ".join(f"{scheme}://" for scheme in ENGINES)
        raise ImproperlyConfigured(f"DATABASE_URL does not begin with one of {accepted}.")
    if engine.endswith("sqlite3"):
        return {"ENGINE": engine, "NAME": unquote(parts.path[1:]) or ":memory:"}
    options = dict(parse_qsl(parts.query))
    port = _port(url, "DATABASE_URL")
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(options.pop("port", None) or port or ""),
        "OPTIONS": options,
    }


def mailer(url: str) -> dict[str, Any]:
    """Turn a mail address into an entry of Django's MAILERS.

    `smtp://user:password@host:25`, `smtp+tls://...` (STARTTLS), `smtps://...` (TLS from the first
    byte), or `file:///folder`, which keeps each mail as a file.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "BACKEND": "desk.mail.folder.FolderBackend",
            "OPTIONS": {"folder": unquote(parts.path)},
        }
    if parts.scheme not in MAIL_PORTS:
        accepted = ", ".join(f"{scheme}://" for scheme in (*MAIL_PORTS, "file"))
        raise ImproperlyConfigured(f"MAIL_URL does not begin with one of {accepted}.")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname or "localhost",
            "port": _port(url, "MAIL_URL") or MAIL_PORTS[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp+tls",
            "use_ssl": parts.scheme == "smtps",
            "timeout": MAIL_SECONDS,
        },
    }


def _port(url: str, name: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as error:
        raise ImproperlyConfigured(f"The port in {name} is not a number up to 65535.") from error
