"""What the environment says: folders, keys, plain values."""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

__all__ = ["data_dir", "flag", "key", "keys_dir", "networks", "number", "words"]


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


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Read addresses and networks (`10.0.0.0/8`); `yes` is this machine, `no` is none."""
    given = words(name)
    if [word.lower() for word in given] in (["yes"], ["true"], ["1"], ["on"]):
        given = ["127.0.0.0/8", "::1"]
    if [word.lower() for word in given] in (["no"], ["false"], ["0"], ["off"]):
        given = []
    try:
        return [ip_network(word) for word in given]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}; yes (a proxy on this machine), no, addresses or networks such as "
            "10.0.0.0/8 would be accepted."
        ) from error
