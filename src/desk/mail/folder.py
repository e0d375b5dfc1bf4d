"""A folder in place of a mail server: each mail is a file that any mail program opens."""

import contextlib
import email
import email.policy
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage as Parsed
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

__all__ = ["FolderBackend", "KeptMail", "folder", "kept", "mails"]

ENDING = ".eml"
KEPT = 1_000
KEPT_DAYS = 30
OURS = re.compile(r"\d{8}-\d{6}-[0-9a-f-]+")


class FolderBackend(BaseEmailBackend):
    """Keeps each mail as a file that only this user can read."""

    def __init__(self, *, folder: str, **options: Any) -> None:
        """Use the folder; it is made when the first mail comes."""
        super().__init__(**options)
        self.folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; a mail appears whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(6)}"
            draft = self.folder / f".{name}"
            with open(draft, "xb", opener=_private) as out:
                out.write(message.message().as_bytes())
            draft.rename(self.folder / f"{name}{ENDING}")
        _clear(self.folder)
        return len(email_messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail that was kept as a file."""

    name: str
    message: Parsed

    @property
    def at(self) -> datetime | None:
        """When it was written."""
        date = self.message["Date"]
        return date.datetime if date else None

    @property
    def identity(self) -> UUID | None:
        """The number of the notice that it tells, for a mail about an export."""
        try:
            return UUID(str(self.message["Message-ID"] or "").strip("<> ").partition("@")[0])
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """Its text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML; empty where it has none."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


def folder() -> Path | None:
    """Name the folder of the mails; None where they go to a server."""
    options = settings.MAILERS["default"].get("OPTIONS", {})
    return Path(options["folder"]) if "folder" in options else None


def mails(limit: int = KEPT) -> Iterator[KeptMail]:
    """Yield the mails, the newest first."""
    place = folder()
    files = sorted(place.glob(f"*{ENDING}"), reverse=True) if place else []
    for file in files[:limit]:
        with contextlib.suppress(FileNotFoundError):  # another mail just took its place
            yield _read(file)


def kept(name: str) -> KeptMail | None:
    """Find a mail by its name; None where there is none."""
    place = folder()
    if place is None or not name.replace("-", "").isalnum():
        return None
    file = place / f"{name}{ENDING}"
    return _read(file) if file.is_file() else None


def _clear(place: Path) -> None:
    """Delete mails of ours that are too old, or more than are kept; no other file."""
    ours = sorted(file for file in place.glob(f"*{ENDING}") if OURS.fullmatch(file.stem))
    oldest = f"{datetime.now(UTC) - timedelta(days=KEPT_DAYS):%Y%m%d-%H%M%S}"
    for number, file in enumerate(reversed(ours), 1):
        if number > KEPT or file.stem < oldest:
            file.unlink(missing_ok=True)


def _read(file: Path) -> KeptMail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return KeptMail(name=file.stem, message=message)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o600)
