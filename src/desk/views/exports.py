"""Saved views as the start of an export."""

from desk.people.models import User
from desk.views import queries
from desk.views.models import SavedView
from waybill import errors, registry
from waybill.values import View

__all__ = ["headings", "saved_view"]


def saved_view(subject: str, name: str, user: User | None, *, default_sort: str) -> View:
    """Find a view that the person can open, by its name or a part of it that fits only one.

    Where it fits more of them, it means the one of the default set: a script that names that by a
    part goes on after somebody shared another. Raises `ViewUnknown` with the names there are.
    """
    view = _found(subject, name, user)
    return View(
        name=view.name,
        filters=view.filters,
        search=view.search,
        sort=(view.sort or default_sort,),
        columns=tuple(view.columns) or None,
        labels=view.labels,
    )


def headings(view: SavedView) -> dict[str, str]:
    """Give the usual headings of what an export of the view has, and of columns with others."""
    columns = {column.name: column for column in registry.get(view.subject).columns}
    usual = [name for name, column in columns.items() if not column.extra]
    keys = dict.fromkeys((*(view.columns or usual), *view.labels))
    return {key: str(columns[key].heading()) for key in keys if key in columns}


def _found(subject: str, name: str, user: User | None) -> SavedView:
    try:
        return queries.named(user, subject, name)
    except SavedView.DoesNotExist:
        views = queries.open_to(user, subject)
    for lookup in ("name__iexact", "name__icontains"):
        like = list(views.filter(**{lookup: name}))
        default = [view for view in like if view.owner_id is None]
        for fitting in (like, default):
            if len(fitting) == 1:
                return fitting[0]
    known = views.values_list("name", flat=True)
    raise errors.ViewUnknown(field="view", value=name, accepted=known)
