"""Where the stages are put together: in a worker, in a response, and in the sweep."""

__all__: list[str] = []
