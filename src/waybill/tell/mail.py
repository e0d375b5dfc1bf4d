"""Notices as mail: text and HTML, in the language and the time zone of the person.

A host overrides the templates `waybill/mail/<kind>.subject.txt`, `.txt` and `.html`.
"""

import smtplib
import zoneinfo
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import timezone, translation

from waybill import conf
from waybill.tell.news import Addressee, News
from waybill.tell.undelivered import ChannelDown, NoAddress, NotTaken, Refused

__all__ = ["compose", "send"]


def send(news: News) -> None:
    """Send the mail; raises `NoAddress`, `Refused`, `NotTaken`, or `ChannelDown`.

    The reasons name the server's answer by its number alone: its words may hold an address.
    """
    message = compose(news)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code = max((answer[0] for answer in refused.recipients.values()), default=0)
        raise _answered(refused, code) from refused
    except smtplib.SMTPDataError as refused:
        raise _answered(refused, refused.smtp_code) from refused
    except smtplib.SMTPSenderRefused as refused:
        raise NotTaken(f"SMTPSenderRefused {refused.smtp_code}") from refused
    except smtplib.SMTPResponseException as refused:
        raise ChannelDown(f"{type(refused).__name__} {refused.smtp_code}") from refused
    except OSError as gone:
        raise ChannelDown(type(gone).__name__) from gone
    except ValueError as wrong:
        raise NoAddress(type(wrong).__name__) from wrong


def compose(news: News) -> EmailMultiAlternatives:
    """Write the mail; raises `NoAddress` where it could go to nobody."""
    address = _checked(news.to.address)
    with _as_read_by(news.to):
        context = {"news": news, "zone": timezone.get_current_timezone_name()}
        subject = _rendered(news, "subject.txt", context)
        text = _rendered(news, "txt", context)
        html = _rendered(news, "html", context)
    mail = EmailMultiAlternatives(
        # One line, whatever a template holds: a header ends at its first line break.
        subject=" ".join(subject.split()),
        body=text.strip() + "\n",
        to=[address],
        headers={
            "Message-ID": f"<{news.identity}@{_host()}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office notes come back
            "X-Auto-Response-Suppress": "All",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _answered(refused: Exception, code: int) -> Exception:
    said = f"{type(refused).__name__} {code}"
    # RFC 5321, 4.2.1: 4yz asks for another try, 5yz forbids it.
    return Refused(said) if code >= 500 else NotTaken(said)


def _checked(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise NoAddress("address") from wrong
    return address


def _rendered(news: News, ending: str, context: dict[str, Any]) -> str:
    return render_to_string(f"waybill/mail/{news.kind}.{ending}", context)


def _as_read_by(person: Addressee) -> ExitStack:
    stack = ExitStack()
    language = person.language or django_settings.LANGUAGE_CODE
    stack.enter_context(translation.override(language))
    stack.enter_context(timezone.override(_zone(person.zone)))
    return stack


def _zone(name: str) -> Any:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.get_default_timezone()


def _host() -> str:
    return urlsplit(conf.settings().base_url).hostname or "waybill.invalid"
