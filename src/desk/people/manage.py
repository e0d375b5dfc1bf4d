"""The pages on which administrators manage people, roles and teams."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from desk.people import actions, groups, queries
from desk.people.forms import NewPersonForm, PersonForm, RoleForm, TeamForm
from desk.people.models import Role, Team, User
from desk.staff.access import administrators_only, person
from desk.staff.fields import storable
from desk.staff.saving import saved

__all__ = [
    "delete_role",
    "delete_team",
    "detail",
    "listing",
    "new",
    "role",
    "roles",
    "team",
    "teams",
]

PAGE = 100


@administrators_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """List people; those who cannot log in only when asked for."""
    search, everybody = storable(request.GET.get("search", "")), "everybody" in request.GET
    found = Paginator(queries.people(search, everybody=everybody), PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {"page": page, "people": page.object_list, "search": search, "everybody": everybody}
    return _page(request, "people/list.html", "people", context)


@administrators_only
def new(request: HttpRequest) -> HttpResponseBase:
    """Make a person."""
    form = NewPersonForm(request.POST or None, initial={"is_active": True, "time_zone": "UTC"})
    if made := saved(form, lambda: _create(form, by=person(request))):
        messages.success(request, _("%(name)s is added.") % {"name": made})
        return redirect("people:list")
    return _form(request, "people", form, _("New person"))


@administrators_only
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show and change a person: account, roles, teams, password."""
    who = get_object_or_404(User, pk=pk)
    chosen = {"roles": who.roles.all(), "teams": who.teams.all()}
    form = PersonForm(request.POST or None, instance=who, initial=chosen)
    if saved(form, lambda: _edit(who, form, by=person(request))):
        messages.success(request, _("%(name)s is saved.") % {"name": who})
        return redirect("people:list")
    return _form(request, "people", form, str(User.objects.get(pk=pk)))


@administrators_only
def roles(request: HttpRequest) -> HttpResponseBase:
    """List roles with their rights."""
    return _page(request, "people/roles.html", "roles", {"roles": queries.roles()})


@administrators_only
def role(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Make a role, or change one."""
    it = get_object_or_404(Role, pk=pk) if pk else Role()
    chosen = {"rights": [one.right for one in it.rights.all()]} if pk else {}
    form = RoleForm(request.POST or None, instance=it, initial=chosen)
    if saved(form, lambda: groups.save_role(it, **form.cleaned_data, by=person(request))):
        messages.success(request, _("The role is saved."))
        return redirect("people:roles")
    remove = reverse("people:delete_role", args=[pk]) if pk else ""
    return _form(request, "roles", form, it.name if pk else _("New role"), remove)


@require_POST
@administrators_only
def delete_role(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a role; whoever had it loses its rights."""
    groups.delete_role(get_object_or_404(Role, pk=pk), by=person(request))
    messages.success(request, _("The role is deleted."))
    return redirect("people:roles")


@administrators_only
def teams(request: HttpRequest) -> HttpResponseBase:
    """List teams with their people."""
    return _page(request, "people/teams.html", "teams", {"teams": queries.teams()})


@administrators_only
def team(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Make a team, or change one."""
    it = get_object_or_404(Team, pk=pk) if pk else Team()
    form = TeamForm(
        request.POST or None, instance=it, initial={"people": it.people.all()} if pk else {}
    )
    if saved(form, lambda: groups.save_team(it, **form.cleaned_data, by=person(request))):
        messages.success(request, _("The team is saved."))
        return redirect("people:teams")
    remove = reverse("people:delete_team", args=[pk]) if pk else ""
    return _form(request, "teams", form, it.name if pk else _("New team"), remove)


@require_POST
@administrators_only
def delete_team(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a team; its tickets stay, without a team."""
    groups.delete_team(get_object_or_404(Team, pk=pk), by=person(request))
    messages.success(request, _("The team is deleted."))
    return redirect("people:teams")


@transaction.atomic
def _create(form: PersonForm, *, by: User) -> User:
    data = form.cleaned_data
    return actions.create_person(
        form.account(),
        by=by,
        password=data["password"] or None,
        roles=data["roles"],
        teams=data["teams"],
    )


def _edit(who: User, form: PersonForm, *, by: User) -> User:
    data = form.cleaned_data
    # Before the transaction: its first line of the log holds up everybody else's.
    digest = actions.hashed(data["password"], of=who) if data["password"] else ""
    with transaction.atomic():
        edited = actions.edit_person(who, form.account(), by=by)
        actions.set_roles(edited, data["roles"], by=by)
        actions.set_teams(edited, data["teams"], by=by)
        if digest:
            actions.keep_password(edited, digest, by=by)
    return edited


def _form(
    request: HttpRequest, section: str, form: object, heading: str, remove: str = ""
) -> HttpResponse:
    back, label = {
        "people": ("people:list", _("People")),
        "roles": ("people:roles", _("Roles and rights")),
        "teams": ("people:teams", _("Teams")),
    }[section]
    question = {
        "people": "",
        "roles": _("Everybody who has the role loses its rights at once."),
        "teams": _("Its tickets stay, without a team: only those who hold or made them see them."),
    }[section]
    context = {"form": form, "heading": heading, "remove": remove, "question": question}
    context |= {"back": reverse(back), "back_label": label}
    return _page(request, "people/form.html", section, context)


def _page(
    request: HttpRequest, template: str, section: str, context: Mapping[str, Any]
) -> HttpResponse:
    side = {"label": _("Manage"), "template": "people/side.html"}
    return render(request, template, {**context, "section": section, "side": side})
