"""What the environment says: folders, keys, plain values."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

__all__ = ["client_address", "data_dir", "flag", "key", "keys_dir", "number", "words"]


def data_dir() -> Path:
    """Name the folder that holds what Desk keeps: database, keys, files (`DESK_DATA_DIR`)."""
    return Path(os.environ.get("DESK_DATA_DIR") or "var").expanduser().resolve()


def keys_dir() -> Path:
    """Name the folder of the keys, beside the database and never above it."""
    return data_dir() / "keys"


def words(name: str, default: str = "") -> list[str]:
    """Read a list of words, parted by commas or spaces."""
    return os.environ.get(name, default).replace(",", " ").split()


def flag(name: str, *, default: bool = False) -> bool:
    """Read yes or no."""
    value = os.environ.get(name, "").strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} is {value!r}; yes or no would be accepted.")
    return default


def number(name: str, default: int) -> int:
    """Read a whole number that is not negative."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}; a whole number would be accepted.")
    return int(value)


def key(name: str) -> str:
    """Give a key: from the environment, or from a file that the first command to need it makes."""
    if given := os.environ.get(name):
        return given
    file = keys_dir() / name.lower()
    try:
        if not file.exists():
            _make_key(file)
        return file.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The key {name} cannot be kept in {file.parent}: {error.strerror}. "
            f"Set {name}, or DESK_DATA_DIR to a folder that can be written."
        ) from error


def _make_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(64) + "\n")
    try:
        # A link never replaces: of two commands that start together, both read the first one's key.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def client_address(request: HttpRequest) -> str:
    """Give the address a request came from; behind a proxy (`DESK_PROXY`), the one it reports."""
    if flag("DESK_PROXY"):
        # The last entry is what our proxy saw; those before it are only the client's claims.
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
