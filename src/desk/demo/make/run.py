"""The demo: brought up to so many tickets and assets, and the four people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import connection, models, transaction

from desk.demo.load import bulk, names
from desk.demo.load.chunks import ahead
from desk.demo.make.assets import make_assets
from desk.demo.make.calendar import Calendar
from desk.demo.make.cases import make_cases
from desk.demo.make.cast import SOURCE, assemble, make_people
from desk.demo.make.tickets import COLUMNS, Block, TicketWriter
from desk.demo.models import Demo
from desk.demo.people import make_four
from desk.tickets import codes
from desk.tickets.models import Comment, Ticket, TicketChange

__all__ = ["Made", "make_demo"]

SEED = 20_261_120
CASES = 6_000  # conversations that tickets are drawn from
CHUNK = 10_000
MANY = 100_000  # from here on, indexes are made over all rows at once
TABLES: dict[str, type[models.Model]] = {
    "tickets": Ticket,
    "comments": Comment,
    "tags": Ticket.tags.through,
    "assets": Ticket.assets.through,
    "changes": TicketChange,
}


@dataclass(frozen=True, slots=True)
class Made:
    """How many rows were made."""

    tickets: int
    assets: int


def make_demo(*, tickets: int, assets: int, now: datetime) -> Made:
    """Bring the demo up to so many tickets and assets; again, it makes nothing.

    All times hang on the first making's, so a demo is the same for an equal history of calls.
    """
    # By itself: each person is a line of the audit, whose end stays locked until the commit.
    with transaction.atomic():
        make_four()
    with transaction.atomic():
        ends = _ends(now)
        people = make_people()
        made = Made(
            assets=make_assets(assets, ends=ends, seed=SEED), tickets=_make_tickets(tickets, ends)
        )
        # Last, for until the commit nobody else can write to the log.
        names.tell_people(SOURCE, people)
    if made.tickets:
        _tidy()
    return made


def _ends(now: datetime) -> datetime:
    demo = Demo.objects.first() or Demo.objects.create(
        ends_at=now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    )
    return demo.ends_at


def _make_tickets(count: int, ends: datetime) -> int:
    skip = bulk.can_skip_row_checks(*TABLES.values())
    with bulk.bulk_transaction(Ticket, skip_row_checks=skip):
        have = Ticket.objects.filter(source=SOURCE).count()
        if have >= count:
            return 0
        blocks = _blocks(range(have + 1, count + 1), ends)
        if count - have < max(MANY, Ticket.objects.count()):
            _copy(blocks)
        else:
            with bulk.indexes_made_again(*TABLES.values()):
                _copy(blocks)
    return count - have


def _copy(blocks: Iterator[Block]) -> None:
    for block in ahead(blocks):
        for name in (part.name for part in fields(block)):
            bulk.copy_lines(TABLES[name], COLUMNS[name], getattr(block, name))


def _blocks(numbers: range, ends: datetime) -> Iterator[Block]:
    """Yield the lines of all tickets. Only the first call touches the database."""
    cases = make_cases(CASES, seed=SEED)
    calendar = Calendar(ends, seed=SEED)
    writer = TicketWriter(cases, assemble(cases, seed=SEED), calendar, seed=SEED)
    ids = bulk.reserve_ids(Ticket, len(numbers))
    free = _free_codes(len(numbers))
    return _written(writer, numbers, ids, free, calendar.whole / len(numbers))


def _written(
    writer: TicketWriter,
    numbers: range,
    ids: Sequence[int],
    free: Sequence[int],
    step: float,
) -> Iterator[Block]:
    for first in range(0, len(numbers), CHUNK):
        block = Block()
        for place in range(first, min(first + CHUNK, len(numbers))):
            writer.write(
                block,
                pk=ids[place],
                code=f"{codes.PREFIX}{free[place]}",
                number=numbers[place],
                amount=(place + 1) * step,
            )
        yield block


def _free_codes(count: int) -> list[int]:
    """Draw numbers of codes, without those that other systems' tickets brought along."""
    loaded = Ticket.objects.filter(ticket_code__startswith=codes.PREFIX)
    taken = set(loaded.exclude(source__in=["", SOURCE]).values_list("ticket_code", flat=True))
    free: list[int] = []
    while len(free) < count:
        drawn = codes.reserve(count - len(free))
        free += [number for number in drawn if f"{codes.PREFIX}{number}" not in taken]
    return free


def _tidy() -> None:
    """Let the planner know the tables, and lists read from indexes alone."""
    command = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for table in TABLES.values():
            cursor.execute(f"{command} {connection.ops.quote_name(table._meta.db_table)}")
