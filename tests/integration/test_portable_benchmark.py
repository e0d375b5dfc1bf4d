"""The tables of the benchmark on databases beside PostgreSQL."""

import pytest

from benchmarks import portable


@pytest.mark.parametrize("name", portable.ADDRESSES)
def test_each_database_takes_the_tickets_of_the_benchmark(name):
    with portable.filled(name, 50) as url:
        assert name.removesuffix("db") in url.replace("mysql", "maria")
