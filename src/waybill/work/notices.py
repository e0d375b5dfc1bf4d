"""Sending what lies in the outbox. Nothing that happens here reaches an export."""

import logging
from collections.abc import Callable, Mapping
from threading import Thread
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connections
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from waybill import conf, errors, registry
from waybill.jobs import outbox, queries
from waybill.models import ExportJob, Notice
from waybill.shortid import to_short
from waybill.states import NoticeOutcome
from waybill.tell import mail
from waybill.tell.news import Addressee, News
from waybill.tell.undelivered import ChannelDown, NoAddress, NotTaken, Refused
from waybill.work.points import reached

__all__ = ["CHANNELS", "deliver", "deliver_due", "tell"]

logger = logging.getLogger(__name__)

# A way that notices take: a webhook would be one more line.
CHANNELS: Mapping[str, Callable[[News], None]] = MappingProxyType({"mail": mail.send})

WORKER_WAITS = 2.0  # seconds; a quick server has taken the mail by then


def tell(job_id: UUID) -> None:
    """Send the notices of an export at once, unless the server was in trouble of late.

    In a thread of its own, for which the worker waits only shortly: a slow server holds up no
    other export. What is not sent here, `deliver_due` sends.
    """
    try:
        if not outbox.waiting(job_id) or outbox.troubled():
            return
    except DatabaseError as gone:
        logger.warning("outbox unread job=%s error=%s", job_id, type(gone).__name__)
        return
    post = Thread(target=_tell, args=(job_id,), name="waybill-post", daemon=True)
    post.start()
    post.join(WORKER_WAITS)


def deliver_due() -> int:
    """Send what is due; returns how many notices went out. Ends at a server that is down."""
    count = 0
    try:
        for notice_id in outbox.waiting():
            count += deliver(notice_id)
    except ChannelDown:
        logger.warning("channel down, the rest of the outbox waits")
    return count


def deliver(notice_id: int) -> bool:
    """Send one notice if it is there to be sent; says whether this call sent it.

    Raises `ChannelDown` after putting it off where the server does not answer.
    """
    notice = outbox.claim(notice_id)
    if notice is None:
        return False
    reached("notice_claimed", notice.job_id)
    return _sent(notice)


def _sent(notice: Notice) -> bool:
    try:
        unwanted = _unwanted(notice)
        if unwanted is not None:
            logger.info("notice dropped job=%s reason=%s", notice.job_id, unwanted)
            outbox.drop(notice, unwanted)
            return False
        CHANNELS[notice.channel](_news(notice))
    except NoAddress as nowhere:
        outbox.drop(notice, NoticeOutcome.NO_ADDRESS, str(nowhere))
        return False
    except Refused as refused:
        logger.warning("notice refused job=%s answer=%s", notice.job_id, refused)
        outbox.drop(notice, NoticeOutcome.REFUSED, str(refused))
        return False
    except NotTaken as problem:
        logger.warning("notice put off job=%s answer=%s", notice.job_id, problem)
        outbox.put_off(notice, str(problem))
        if isinstance(problem, ChannelDown):
            raise
        return False
    except Exception as broken:  # noqa: BLE001 - a host's code that raises ends no sweep
        logger.warning("notice broken job=%s error=%s", notice.job_id, type(broken).__name__)
        outbox.put_off(notice, type(broken).__name__)
        return False
    reached("notice_accepted", notice.job_id)
    noted = outbox.sent(notice)
    reached("notice_noted", notice.job_id)
    logger.info("notice sent job=%s kind=%s tries=%d", notice.job_id, notice.kind, notice.tries)
    return noted


def _unwanted(notice: Notice) -> NoticeOutcome | None:
    person: Any = notice.job.requester
    if outbox.outdated(notice):
        return NoticeOutcome.OUTDATED
    if notice.tries > conf.settings().notice_tries:
        # Whoever tried to send it never lived to put it off.
        return NoticeOutcome.GIVEN_UP
    if person is None or not person.is_active:
        return NoticeOutcome.NO_ADDRESS
    wants = conf.settings().wants_notice
    if wants and not import_string(wants)(person, notice.kind):
        return NoticeOutcome.UNWANTED
    return None


def _news(notice: Notice) -> News:
    job: ExportJob = notice.job
    took = job.completed_at - job.started_at if job.completed_at and job.started_at else None
    return News(
        kind=notice.kind,
        identity=notice.message_id,
        to=_addressee(job.requester),
        title=_title(job.resource),
        format=job.format,
        view=" ".join(job.view_name.split()),
        reason=errors.sentence(job.error_code) or job.error_message,
        fetch=job.requester is not None and queries.may_download(job, by=job.requester),
        rows=job.exported_items,
        failed=job.failed_items,
        bytes=job.file.bytes if job.file else 0,
        took=took,
        until=job.expires_at,
        page=_address("waybill:status", to_short(job.pk)),
        history=_address("waybill:history"),
    )


def _addressee(person: Any) -> Addressee:
    given = conf.settings()
    return Addressee(
        name=str(person),
        address=getattr(person, get_user_model().get_email_field_name(), "") or "",
        language=getattr(person, given.language_field, "") or django_settings.LANGUAGE_CODE,
        zone=getattr(person, given.zone_field, "") or "",
    )


def _title(resource: str) -> Any:
    try:
        return registry.title(resource)
    except errors.ResourceUnknown:
        return resource


def _address(name: str, *args: str) -> str:
    """Give the address of a page under the configured one alone; empty where there is none."""
    base = conf.settings().base_url.rstrip("/")
    try:
        return f"{base}{reverse(name, args=args)}" if base else ""
    except NoReverseMatch:
        return ""


def _tell(job_id: UUID) -> None:
    try:
        for notice_id in outbox.waiting(job_id):
            deliver(notice_id)
    except (DatabaseError, errors.WaybillError) as problem:
        logger.warning("telling failed job=%s error=%s", job_id, type(problem).__name__)
    finally:
        connections.close_all()
