"""What pages read about people, roles and teams."""

from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from desk.people.models import Role, Team, User

__all__ = ["assignable", "eligible", "people", "roles", "teams"]

FACES = 6  # of the people of a role


def people(search: str = "", *, everybody: bool = False) -> QuerySet[User]:
    """List who may log in, or everybody, whose names or e-mail address hold the text."""
    rows = User.objects.prefetch_related("roles", "teams").order_by(Lower("display_name"), "pk")
    if not everybody:
        rows = rows.filter(is_active=True)
    for word in search.split():
        found = Q(display_name__icontains=word) | Q(username__icontains=word)
        rows = rows.filter(found | Q(email__icontains=word))
    return rows


def assignable() -> QuerySet[User]:
    """List who tickets and assets can be given to: whoever may log in."""
    return User.objects.filter(is_active=True).order_by(Lower("display_name"), "pk")


def eligible(team: Team) -> QuerySet[User]:
    """List who can be in a team: whoever may log in, and who is in it though they may not."""
    members = User.objects.filter(teams=team.pk or 0)
    rows = User.objects.filter(Q(is_active=True) | Q(pk__in=members.values("pk")))
    return rows.order_by(Lower("display_name"), "pk")


def roles() -> QuerySet[Role]:
    """List roles with their rights, some of the people who have them and, as `size`, how many."""
    # A slice is taken for each role: not everybody is fetched for a few faces.
    some = Prefetch("people", User.objects.all()[:FACES], to_attr="faces")
    rows = Role.objects.prefetch_related("rights", some)
    return rows.annotate(size=Count("people", distinct=True))


def teams() -> QuerySet[Team]:
    """List teams with their people and, as `size`, the number of them."""
    return Team.objects.prefetch_related("people").annotate(size=Count("people", distinct=True))
