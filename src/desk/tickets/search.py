"""Search in tickets, and the words it stands on."""

import time
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.tasks import task

from desk.lists.search import Match, all_stand, runs_stand
from desk.tickets.models import Ticket, TicketWords, WordsWaiting

__all__ = ["catch_up", "find", "index_words", "tidy"]

SEARCHED = ("ticket_code", "subject", "description")
BATCH = 10_000  # tickets a transaction, some 0.5 s
TURN = 2.0  # seconds after which a worker lets other tasks in
SWEEP_TURN = 5.0  # seconds that one sweep, of three a minute, gives to it
# No ticket is locked. The words of one that somebody changes meanwhile are written by the trigger
# of the change: they stand there already, which is a conflict, or replace those written here.
# In the order of ids, as bulk changes are, so that neither waits for the other for ever.
INDEX = """
    INSERT INTO tickets_ticketwords (ticket_id, words)
    SELECT id, desk_words(ticket_code, subject, description)
    FROM tickets_ticket WHERE id BETWEEN %s AND %s ORDER BY id
    ON CONFLICT (ticket_id) DO NOTHING
"""
# New words are sorted into the index by so many MB at once: 10,000 tickets took 2.7 s of CPU this
# way and 4.1 s by the server's own 4 MB, on a machine under heavy load.
IN_BULK = """
    SELECT set_config('gin_pending_list_limit', '64MB', true), set_config('work_mem', '64MB', true)
"""


def find(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Keep the tickets in whose code, subject or description every word of the text stands.

    While loaded tickets wait to be indexed, their texts themselves are read, which is slow.
    """
    ids = TicketWords.objects.filter(Match(F("words"), text)).values("ticket_id")
    if waiting := _waiting():
        unread = Ticket.objects.filter(waiting, all_stand(SEARCHED, text.split()))
        ids = ids.union(unread.values("pk"), all=True)
    return rows.filter(runs_stand(SEARCHED, text), pk__in=ids)


def catch_up(seconds: float = TURN) -> None:
    """Index tickets that wait for it; what is left after those seconds is a task for a worker."""
    _done, more = _take_turn(seconds)
    if more:
        index_words.enqueue()


def tidy() -> int:
    """Index what waits on at each sweep; gives how many ids that covered.

    Where Celery wakes the workers nobody runs the task, and a worker that was killed leaves it.
    """
    done, _more = _take_turn(SWEEP_TURN)
    return done


@task
def index_words() -> None:
    """Index tickets that wait for it, in turns."""
    catch_up()


def _waiting() -> Q:
    """Ask for the tickets that wait to be indexed; empty where none does."""
    wanted = Q()
    for part in WordsWaiting.objects.values_list("first", "last"):
        wanted |= Q(pk__range=part)
    return wanted


def _take_turn(seconds: float) -> tuple[int, bool]:
    """Give how many ids were covered, and whether the time was over before the work was."""
    until = time.monotonic() + seconds
    done = 0
    for count in iter(_index_some, 0):
        done += count
        if time.monotonic() > until:
            return done, True
    if done:
        _run("SELECT gin_clean_pending_list('tickets_words')")
    return done, False


@transaction.atomic
def _index_some() -> int:
    """Index one batch; gives how many ids it covered, 0 where nothing waits."""
    part = WordsWaiting.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if part is None:
        return 0
    last = min(part.first + BATCH - 1, part.last)
    _run(IN_BULK)
    _run(INDEX, part.first, last)
    if last == part.last:
        part.delete()
    else:
        WordsWaiting.objects.filter(pk=part.pk).update(first=last + 1)
    return last - part.first + 1


def _run(sql: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
