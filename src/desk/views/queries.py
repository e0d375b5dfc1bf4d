"""Which saved views a person can open."""

from django.db.models import Q, QuerySet

from desk.people.models import User
from desk.views.models import SavedView

__all__ = ["default", "for_menu", "named", "one", "open_to"]


def open_to(user: User | None, subject: str) -> QuerySet[SavedView]:
    """List the views of a subject that a person can open: their own, shared ones, the default set.

    The system, None, opens those that are shared.
    """
    return SavedView.objects.filter(_open_to(user), subject=subject).select_related("owner")


def for_menu(user: User, subject: str) -> dict[str, list[SavedView]]:
    """Give the views of the side bar: the `default` set, one's `own`, and what others `shared`."""
    menu: dict[str, list[SavedView]] = {"default": [], "own": [], "shared": []}
    for view in open_to(user, subject):
        shelf = "default" if view.owner_id is None else "shared"
        menu["own" if view.owner_id == user.pk else shelf].append(view)
    return menu


def one(user: User | None, pk: int) -> SavedView:
    """Give a view that the person can open; raises `SavedView.DoesNotExist` for any other."""
    return SavedView.objects.filter(_open_to(user)).select_related("owner").get(pk=pk)


def named(user: User | None, subject: str, name: str) -> SavedView:
    """Give the view of that name: one's own first, then the default set, then what is shared.

    Raises `SavedView.DoesNotExist`.
    """
    found = [*open_to(user, subject).filter(name=name)]
    if not found:
        raise SavedView.DoesNotExist(name)
    mine = [view for view in found if user is not None and view.owner_id == user.pk]
    default = [view for view in found if view.owner_id is None]
    return [*mine, *default, *found][0]


def default(user: User | None, subject: str) -> SavedView | None:
    """Give the view that a list opens with: the first of the default set."""
    return open_to(user, subject).filter(owner=None).first()


def _open_to(user: User | None) -> Q:
    shared = Q(is_shared=True) | Q(owner=None)
    return shared if user is None else shared | Q(owner=user)
