"""Search: what it finds, in which scripts, and when."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from django.utils.timezone import now

from desk.assets import actions as asset_actions
from desk.assets.lists import ASSETS
from desk.lists import totals
from desk.lists.listing import Asked, Page, narrowed, page
from desk.lists.totals import Total
from desk.people.models import User
from desk.tickets import actions, search
from desk.tickets.lists import SORTS, TICKETS
from desk.tickets.models import Status, Ticket, TicketWords, WordsWaiting
from waybill.work.sweep import sweep

pytestmark = pytest.mark.django_db


def made(subject: str, description: str | None = None, **values: Any) -> Ticket:
    code = f"S-{Ticket.objects.count()}"
    return Ticket.objects.create(
        ticket_code=code, subject=subject, description=description, **values
    )


def many(count: int, subject: str = "Printer") -> list[Ticket]:
    rows = [
        Ticket(ticket_code=f"M-{number}", subject=f"{subject} {number}") for number in range(count)
    ]
    return Ticket.objects.bulk_create(rows)


def found(text: str) -> set[Ticket]:
    return set(narrowed(TICKETS, None, Asked(search=text), at=now()))


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("Printer jams again", "jams"),
        ("Printer jams again", "PRINT"),
        ("Printer jams again", "again printer"),
        ("Zugriff für neue Kollegin, Ärger", "ärger"),
        ("Не работает ПРИНТЕР", "принтер"),
        ("請求書が届かない", "請求書"),
        ("請求書が届かない", "求書"),
        ("請求書が届かない", "い"),
        ("打印机无法打印，请尽快修理", "打印"),
        ("打印机无法打印，请尽快修理", "修理"),
        ("ไม่สามารถเข้าสู่ระบบได้", "เข้าสู่ระบบ"),
        ("프린터가 고장났습니다", "린터"),
        ("हिन्दी में समस्या", "समस्या"),
        ("see http://host.example.com/path/file_name.log", "example"),
        ("see http://host.example.com/path/file_name.log", "name log"),
        ("<property>value</property>", "property"),
        ("call +49 30 1234", "1234"),
        ("JSWCLOUD-123 fails", "JSWCLOUD-123"),
        ("it's C:\\temp\\x", "temp"),
        ("HP 3", "hp"),
        ("𠮷野家の件", "𠮷野"),
    ],
)
def test_a_word_is_found_in_any_script_by_its_beginning_or_inside_a_run(
    text: str, search: str
) -> None:
    wanted = {made(text), made("nothing", text)}
    made("Something else", "entirely 全く別")

    assert found(search) == wanted


@pytest.mark.parametrize(
    "search", ["zebra", "jams zebra", "書請", "求請書", "!!!", "'", "\\", ":*", "&"]
)
def test_what_does_not_stand_there_is_not_found(search: str) -> None:
    made("Printer jams 請求書 書求", "求請 請書")

    assert found(search) == set()


def test_a_code_is_found_by_its_parts() -> None:
    ticket = made("x")
    ticket.ticket_code = "TCK-10482"
    ticket.save()

    assert found("tck-10482") == found("10482") == found("TCK-104") == {ticket}


def test_changed_texts_are_found_by_what_they_say_now() -> None:
    ticket = made("Printer")
    actions.edit(ticket, {"subject": "Scanner"}, by=None)
    Ticket.objects.filter(pk=ticket.pk).update(description="toner")

    assert found("printer") == set()
    assert found("scanner") == found("toner") == {ticket}


def test_many_new_tickets_are_found_at_once_and_indexed_later() -> None:
    rows = many(150)
    assert WordsWaiting.objects.count() == 1
    assert found("printer") == set(rows)
    actions.edit(rows[3], {"subject": "Scanner"}, by=None)

    search.catch_up()

    assert not WordsWaiting.objects.exists()
    assert TicketWords.objects.count() == 150
    assert found("printer") == {*rows} - {rows[3]}
    assert found("scanner") == {rows[3]}


def test_indexing_takes_turns_and_leaves_the_rest_to_a_worker(monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "BATCH", 40)
    rows = many(150)
    rung: list[int] = []
    monkeypatch.setattr(type(search.index_words), "enqueue", lambda self: rung.append(1))

    search.catch_up(seconds=0)

    assert rung == [1]
    assert TicketWords.objects.count() == 40
    search.catch_up(seconds=60)
    assert TicketWords.objects.count() == len(rows)


def test_the_sweep_indexes_what_no_worker_of_tasks_does() -> None:
    """Where Celery wakes the workers nobody runs other tasks; and a killed worker ends its own."""
    many(150)

    assert sweep()["tidied"] == 150

    assert not WordsWaiting.objects.exists()
    assert TicketWords.objects.count() == 150
    assert sweep()["tidied"] == 0


def test_while_tickets_wait_only_their_own_texts_are_read() -> None:
    made("Sprinter delivery")
    printer = made("Printer delivery")
    waiting = many(150, "Blueprint")

    assert found("print") == {printer, *waiting}
    assert found("delivery") == found("delivery printer") | found("sprinter")
    assert found("print 149") == {waiting[149]}


def test_very_long_texts_are_searched_by_their_first_80000_letters() -> None:
    alphabet = [chr(0x4E00 + number) for number in range(20_000)]
    ticket = made("long", "".join(alphabet * 5) + "word " * 100_000 + "x" * 5_000)

    assert found("丁丂") == {ticket}


@pytest.mark.parametrize("sort", [way + key for key in SORTS for way in ("", "-")])
@pytest.mark.parametrize(("likely", "steps"), [(7_000, 0), (7_000, 100), (0, 100), (0, 1)])
def test_a_search_keeps_the_order_of_the_list_whichever_way_it_is_read(
    sort: str, likely: int, steps: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr("desk.lists.reading.COUNTED", likely)
    monkeypatch.setattr("desk.lists.totals.guess", lambda rows: 24 if steps else 10_000)
    listing = replace(TICKETS, steps=steps)
    statuses = [*Status.objects.all()[:3], None]
    for number, row in enumerate(many(23)):
        row.status = statuses[number % 4]
        row.due_date = now() if number % 3 else None
        row.save()
    made("Other")

    def shown(cursor: str, asked: dict[str, str]) -> Page[Ticket]:
        return page(listing, None, Asked(sort=sort, cursor=cursor, **asked), at=now(), size=5)

    def codes(**asked: str) -> list[str]:
        here = shown("", asked)
        there = [row.ticket_code for row in here.rows]
        while here.older:
            here = shown(here.older, asked)
            there += [row.ticket_code for row in here.rows]
        return there

    assert codes(search="printer") == [code for code in codes() if code.startswith("M-")]


def test_what_takes_longer_to_count_than_to_list_is_counted_when_asked(monkeypatch: Any) -> None:
    many(30)
    search.catch_up()
    monkeypatch.setattr("desk.lists.reading.COUNTED", 0)
    monkeypatch.setattr("desk.lists.totals.guess", lambda rows: 17)

    def shown(**asked: Any) -> Page[Ticket]:
        return page(TICKETS, None, Asked(search="printer", **asked), at=now(), size=10)

    first = shown()
    assert first.total == Total(number=17, exact=False, uncounted=True)
    assert shown(cursor=first.older).total == first.total
    assert shown(counted=True).total == Total(number=30)
    assert shown(cursor=first.older, counted=True).total == Total(number=30)
    second = shown(cursor=shown(counted=True).older)
    assert (second.total, second.first) == (Total(number=30), 11)


def test_the_number_of_a_common_word_is_a_link_away_without_javascript(
    client: Client, cleo: User, monkeypatch: Any
) -> None:
    many(30)
    search.catch_up()
    client.force_login(cleo)
    monkeypatch.setattr("desk.lists.reading.COUNTED", 0)
    monkeypatch.setattr("desk.lists.totals.guess", lambda rows: 17)

    shown = client.get("/staff/tickets/", {"search": "printer"})
    page = shown.context["page"]
    address = page.counted_address

    assert page.total_words == "about 17 tickets"
    assert f'<a class="about" id="total" href="{escape(address)}"' in shown.text
    counted = client.get(address).context["page"]
    assert (counted.total_words, counted.counted_address) == ("30 tickets", "")
    assert "counted" not in counted.here + counted.query + counted.clear


def test_a_guess_far_beyond_the_limit_is_not_offered_to_be_counted() -> None:
    assert totals.uncounted(totals.LIMIT).uncounted
    assert not totals.uncounted(3 * totals.LIMIT).uncounted


def test_assets_are_found_by_tag_name_and_serial_number(dan: User) -> None:
    values = {"name": "ThinkPad 充電器", "asset_tag": "AT-10001", "serial_number": "SN-7F3A"}
    asset = asset_actions.create(values, by=dan)
    asset_actions.create({"name": "Monitor", "asset_tag": "AT-2"}, by=dan)

    for text in ("think", "電器", "充電器", "AT-10001", "7f3a"):
        assert [*narrowed(ASSETS, dan, Asked(search=text), at=now())] == [asset]
