"""The rows of a COPY as libpq gives them."""

from collections import deque
from types import SimpleNamespace

import pytest
from django.db import connection
from psycopg import errors as answers

from waybill.read import wire

pytestmark = pytest.mark.django_db


def copied(select):
    """Send the COPY of a query, with a statement behind it."""
    connection.ensure_connection()
    both = wire.Copied(connection.connection, f"COPY ({select}) TO STDOUT; SELECT 'last'")
    both.send()
    return both


def letters(rows):
    """Give a query of so many rows of 1,000 letters."""
    return f"SELECT repeat('x', 1000) FROM generate_series(1, {rows})"


@pytest.fixture
def naps(monkeypatch):
    """Collect the naps that the reader takes."""
    taken = []
    monkeypatch.setattr(wire, "time", SimpleNamespace(sleep=taken.append))
    return taken


def test_every_row_comes_once_with_the_servers_count_and_the_value_behind():
    both = copied(letters(20_000))
    lengths = [len(row) for row in both]
    assert lengths == [1001] * 20_000
    assert (both.tag, both.last) == (20_000, b"last")


def test_amid_many_rows_it_lets_them_gather_and_a_few_come_at_once(naps):
    assert sum(1 for _ in copied(letters(300))) == 300
    assert naps == []
    assert sum(1 for _ in copied(letters(50_000))) == 50_000
    assert naps
    assert set(naps) == {wire.NAP_SECONDS}


def test_an_error_amid_the_rows_is_the_servers_own():
    texts = "SELECT repeat('x', 1000 + 1 / (40000 - n)) FROM generate_series(1, 50000) AS n"
    rows = iter(copied(texts))
    with pytest.raises(answers.DivisionByZero, match="division by zero"):
        deque(rows, maxlen=0)
    connection.close()
