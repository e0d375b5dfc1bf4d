"""How much memory the embedded server asks for."""

import pytest

from desk import embedded

GIGABYTE = 1 << 30


@pytest.mark.parametrize(
    ("memory", "cache"),
    [
        (GIGABYTE // 2, "128MB"),
        (2 * GIGABYTE, "256MB"),
        (8 * GIGABYTE, "1024MB"),
        (512 * GIGABYTE, "1024MB"),
    ],
)
def test_the_servers_own_cache_follows_the_machine_within_bounds(memory: int, cache: str) -> None:
    assert embedded.shared_buffers(memory) == cache
