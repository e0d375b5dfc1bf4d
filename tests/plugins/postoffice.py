"""A real mail server that takes, refuses, dawdles or hangs up, as a test tells it."""

import email
import email.policy
import logging
import time
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller

from tests.plugins.desk_up import free_port

__all__ = ["PostOffice", "postoffice"]

# Its thread may say that a connection ended once the output of its test is closed.
logging.getLogger("mail.log").propagate = False


@dataclass
class PostOffice:
    """What the server answers, and the mails it took, parsed.

    `rcpt` and `data` are answers in place of 250; `slow` is how many seconds it takes over a
    mail, before (`accepts` false) or after it took it.
    """

    rcpt: str = ""
    data: str = ""
    slow: float = 0
    accepts: bool = True
    mails: list = field(default_factory=list)
    port: int = 0
    calls: int = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        self.calls += 1
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data:
            return self.data
        if self.accepts:
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.mails.append(mail)
        # Only this thread of the server stands still, which has nobody else to serve.
        time.sleep(self.slow)
        return "250 taken"

    @property
    def identities(self):
        """The Message-IDs of what it took."""
        return [mail["Message-ID"] for mail in self.mails]

    def mailer(self, **options):
        """Give the entry of Django's MAILERS that leads here."""
        return {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": self.port, "timeout": 5, **options},
        }


@pytest.fixture
def postoffice(settings):
    """A running mail server that Django's mails go to."""
    office = PostOffice(port=free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    settings.MAILERS = {"default": office.mailer()}
    yield office
    controller.stop()
