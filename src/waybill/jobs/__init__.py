"""Who asked for an export and where it stands: the only folder that touches the job tables."""

__all__: list[str] = []
