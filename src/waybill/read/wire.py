"""The rows of a COPY, taken straight from libpq.

psycopg's own iteration builds a generator and waits anew for each row: 1.6 s of processor time
for 1,000,000 rows of 400 bytes, against 1.0 s here, in the thread that also feeds hashing and
writing.
"""

import select
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import pq

__all__ = ["Copied"]

# The server sends 8 KiB at a time, and each send would wake a reader that sleeps for it: two
# switches for 20 rows. During a nap more of them gather in the socket, which holds 200 KiB.
NAP_SECONDS = 0.0003
WAITS_WITHOUT = 64  # half a megabyte or more: a few rows come at once


class Copied:
    """The rows of a COPY statement once it is sent, with one behind it that gives a value.

    At the end `tag` is how many rows the server sent, and `last` that value.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", statement: str) -> None:
        self.pgconn = connection.pgconn
        self.poll = select.poll()
        self.poll.register(self.pgconn.socket, select.POLLIN)
        self.statement = statement.encode()
        self.tag = 0
        self.last = b""
        self.waits = 0

    def __iter__(self) -> Iterator[memoryview]:
        """Yield each row as it is rendered, in the order of the query.

        Raises psycopg's error for what the server answers, also in the middle of the rows.
        """
        self.expect(pq.ExecStatus.COPY_OUT)
        take = self.pgconn.get_copy_data
        while True:
            size, row = take(1)
            if size > 0:
                yield row
            elif size == 0:
                self.wait()
            else:
                break
        self.tag = self.expect(pq.ExecStatus.COMMAND_OK).command_tuples or 0
        self.last = self.expect(pq.ExecStatus.TUPLES_OK).get_value(0, 0) or b""
        while self.answer() is not None:
            pass

    def send(self) -> None:
        """Send the statement whole."""
        self.pgconn.send_query(self.statement)
        both = select.poll()
        both.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)
        while self.pgconn.flush():
            if both.poll()[0][1] & select.POLLIN:
                self.pgconn.consume_input()

    def wait(self) -> None:
        """Sleep until the server has sent more; amid many rows a little longer, to find more."""
        self.waits += 1
        if self.waits > WAITS_WITHOUT and not self.poll.poll(0):
            time.sleep(NAP_SECONDS)
        self.poll.poll()
        self.pgconn.consume_input()

    def answer(self) -> Any:
        """Give the next result, or None after the last."""
        while self.pgconn.is_busy():
            self.wait()
        return self.pgconn.get_result()

    def expect(self, status: pq.ExecStatus) -> Any:
        """Give the next result if it has that status; else raise what it says."""
        result = self.answer()
        if result is not None and result.status == status:
            return result
        if result is None:
            raise psycopg.OperationalError("the server ended the copy without a word")
        code = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
        raise error_of(code.decode())(result.get_error_message())


def error_of(code: str) -> type[psycopg.Error]:
    """Find the class of an SQLSTATE.

    Without one it is libpq that speaks, not the server: the connection broke, or the memory is
    too short for a row. Both can pass.
    """
    if not code:
        return psycopg.OperationalError
    try:
        return psycopg.errors.lookup(code)
    except KeyError:
        return psycopg.DatabaseError
