"""What the declared filters of every list share, and the filters that django-filter lacks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import django_filters as filters
from django.db.models import Model, QuerySet

__all__ = ["PastFilter"]


class _Asked(Protocol):
    """Who asks for a list, and when."""

    @property
    def at(self) -> datetime: ...


class PastFilter(filters.IsoDateTimeFilter):
    """Rows whose time had passed when somebody asked; the only value people write is true.

    `only` are further conditions, such as that the row is still open.
    """

    accepted = ("true",)

    def __init__(self, field_name: str, *, only: Mapping[str, object], **kwargs: Any) -> None:
        """Take the field and the conditions."""
        super().__init__(field_name, "lt", **kwargs)
        self.only = only

    def resolve(self, value: object, context: _Asked) -> str:
        """Turn true into the time of asking."""
        if value is not True and str(value).lower() != "true":
            raise ValueError(value)
        return context.at.isoformat()

    def filter[M: Model](self, qs: QuerySet[M], value: datetime) -> QuerySet[M]:
        """Keep the rows whose time lies before that."""
        return qs.filter(**{f"{self.field_name}__lt": value}, **self.only)
