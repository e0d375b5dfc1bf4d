"""Ties to other people's programs, each optional and small."""

__all__: list[str] = []
