"""Putting pieces of SQL text together."""

from collections.abc import Sequence

__all__ = ["together"]


def together(pieces: Sequence[str]) -> str:
    """Concatenate as a balanced tree: one long chain copies a wide row once for each column."""
    if len(pieces) == 1:
        return pieces[0]
    half = len(pieces) // 2
    return f"({together(pieces[:half])} || {together(pieces[half:])})"
