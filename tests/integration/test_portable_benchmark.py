"""The tables of the benchmark on databases beside PostgreSQL."""

import pytest

from benchmarks import portable


@pytest.mark.parametrize("name", portable.ADDRESSES)
def test_each_database_takes_the_tickets_of_the_benchmark(name):
    # It raises CalledProcessError where a table or a row is refused.
    with portable.filled(name, 50):
        pass
