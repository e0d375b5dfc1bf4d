"""The REST API: thin over the services that the pages use too."""

__all__: list[str] = []
