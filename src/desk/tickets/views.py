"""Pages of single tickets: read, make, edit, and the small changes beside the conversation."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from desk.assets.models import Asset
from desk.people.rights import Right
from desk.staff.access import person, staff_only
from desk.staff.deleted import unless_deleted
from desk.staff.fields import storable
from desk.staff.saving import first_problem, posted, saved, tell_replaced
from desk.tickets import actions, queries
from desk.tickets.forms import CommentForm, PanelForm, TicketForm
from desk.tickets.models import Tag, Ticket

__all__ = [
    "assign_to_me",
    "close",
    "comment",
    "create",
    "delete",
    "detail",
    "edit",
    "fields",
    "link",
    "reopen",
    "restore",
    "tag",
    "unlink",
    "untag",
]

THREAD_SHOWN = 200
WIDE = ("subject", "description")
CONTACT = frozenset({"contact_name", "contact_email"})

current_only = unless_deleted(
    Ticket, "tickets:detail", gettext_lazy("The ticket is deleted: restore it first.")
)


@staff_only
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a ticket with its conversation, and its fields beside it."""
    return _show(request, _found(request, pk))


@staff_only
def create(request: HttpRequest) -> HttpResponseBase:
    """Make a ticket."""
    form = _ticket_form(request)
    if made := saved(form, lambda: actions.create(_values(form), by=person(request))):
        messages.success(request, _("%(code)s is created.") % {"code": made.ticket_code})
        tell_replaced(request, form)
        return redirect("tickets:detail", made.pk)
    return render(request, "tickets/form.html", {"form": form, "wide": WIDE})


@staff_only
@current_only
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change what is written in a ticket."""
    ticket = _found(request, pk)
    form = _ticket_form(request, ticket)
    if saved(form, lambda: actions.edit(ticket, _values(form), by=person(request))):
        messages.success(request, _("Your changes are saved."))
        tell_replaced(request, form)
        return _back(request, ticket)
    return render(request, "tickets/form.html", {"form": form, "ticket": ticket, "wide": WIDE})


@require_POST
@staff_only
@current_only
def fields(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change the fields beside the conversation."""
    ticket = _found(request, pk)
    form = PanelForm(request.POST, instance=_found(request, pk))
    if saved(form, lambda: actions.edit(ticket, form.changes(), by=person(request))):
        return _back(request, ticket)
    return _show(request, ticket, panel_form=form)


@require_POST
@staff_only
@current_only
def comment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say something, and close the ticket with it if asked to."""
    ticket = _found(request, pk)
    form = CommentForm(request.POST)
    if said := saved(form, lambda: _say(request, ticket, form)):
        tell_replaced(request, form)
        if request.POST.get("then") == "close":
            return _do(request, pk, actions.close, _("The ticket is closed."))
        return redirect(f"{reverse('tickets:detail', args=[pk])}#comment-{said.pk}")
    return _show(request, ticket, comment_form=form)


@require_POST
@staff_only
@current_only
def assign_to_me(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a ticket."""
    me = person(request)
    ticket = _found(request, pk)
    actions.assign(ticket, me, by=me)
    messages.success(request, _("The ticket is yours."))
    return redirect("tickets:detail", pk)


@require_POST
@staff_only
@current_only
def close(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close a ticket."""
    return _do(request, pk, actions.close, _("The ticket is closed."))


@require_POST
@staff_only
@current_only
def reopen(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Open a closed ticket again."""
    return _do(request, pk, actions.reopen, _("The ticket is open again."))


@require_POST
@staff_only
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a ticket out of every list."""
    return _do(request, pk, actions.delete, _("The ticket is deleted. It can be restored here."))


@require_POST
@staff_only
def restore(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Bring a deleted ticket back."""
    return _do(request, pk, actions.restore, _("The ticket is back."))


@require_POST
@staff_only
@current_only
def tag(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Mark a ticket with a word."""
    name = posted(request, "name")
    return _do(request, pk, lambda ticket, *, by: actions.tag(ticket, name, by=by))


@require_POST
@staff_only
@current_only
def untag(request: HttpRequest, pk: int, tag_pk: int) -> HttpResponseBase:
    """Take a tag off a ticket."""
    word = get_object_or_404(Tag, pk=tag_pk)
    return _do(request, pk, lambda ticket, *, by: actions.untag(ticket, word, by=by))


@require_POST
@staff_only
@current_only
def link(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Point a ticket at the asset of a tag."""
    asset_tag = storable(request.POST.get("asset_tag", ""))
    return _do(request, pk, lambda ticket, *, by: actions.link_tagged(ticket, asset_tag, by=by))


@require_POST
@staff_only
@current_only
def unlink(request: HttpRequest, pk: int, asset_pk: int) -> HttpResponseBase:
    """Take an asset off a ticket."""
    asset = get_object_or_404(Asset, pk=asset_pk)
    return _do(request, pk, lambda ticket, *, by: actions.unlink(ticket, asset, by=by))


def _found(request: HttpRequest, pk: int) -> Ticket:
    try:
        return queries.one(person(request), pk)
    except Ticket.DoesNotExist as error:
        raise Http404 from error


def _do(
    request: HttpRequest, pk: int, action: Callable[..., Ticket], done: str = ""
) -> HttpResponse:
    """Run one action on a ticket and come back to its page with what happened."""
    try:
        action(_found(request, pk), by=person(request))
    except ValidationError as error:
        messages.error(request, first_problem(error))
    else:
        if done:
            messages.success(request, done)
    return redirect("tickets:detail", pk)


def _back(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Lead to a changed ticket; who gave it away may reach it no more, and is led to the list."""
    if Ticket.objects.in_reach_of(person(request)).filter(pk=ticket.pk).exists():
        return redirect("tickets:detail", ticket.pk)
    messages.warning(
        request,
        _("%(code)s is now with others: it no longer stands among your tickets.")
        % {"code": ticket.ticket_code},
    )
    if request.headers.get("HX-Request"):  # which would look for the ticket in the list
        return HttpResponse(headers={"HX-Redirect": reverse("tickets:list")})
    return redirect("tickets:list")


def _show(request: HttpRequest, ticket: Ticket, **forms: Any) -> HttpResponse:
    most = None if "all" in request.GET else THREAD_SHOWN + 1
    thread = queries.thread(ticket, most=most)
    earlier = len(thread) == most
    context = {
        "ticket": ticket,
        "thread": thread[1:] if earlier else thread,
        "earlier": earlier,
        "panel_form": PanelForm(instance=ticket),
        "comment_form": CommentForm(),
        "sees_contact": _sees_contact(request),
    }
    return render(request, "tickets/detail.html", {**context, **forms})


def _ticket_form(request: HttpRequest, ticket: Ticket | None = None) -> TicketForm:
    """Give the form; who may not see contacts gets it without them."""
    contact = ticket.contact if ticket else None
    initial = {"contact_name": contact.name, "contact_email": contact.email} if contact else {}
    # A copy, since validating a form writes into its instance.
    instance = Ticket.objects.get(pk=ticket.pk) if ticket else Ticket()
    form = TicketForm(request.POST or None, instance=instance, initial=initial)
    if not _sees_contact(request):
        for name in CONTACT:
            del form.fields[name]
    return form


def _values(form: TicketForm) -> dict[str, Any]:
    """Give the changed values as the actions take them."""
    changed = form.changes()
    values = {name: value for name, value in changed.items() if name not in CONTACT}
    if CONTACT & set(changed):
        data = form.cleaned_data
        values["contact"] = actions.contact_named(
            data["contact_name"], data["contact_email"], was=form.instance.contact
        )
    return values


def _say(request: HttpRequest, ticket: Ticket, form: CommentForm) -> Any:
    internal = form.cleaned_data["audience"] == "internal"
    return actions.comment(ticket, form.cleaned_data["body"], by=person(request), internal=internal)


def _sees_contact(request: HttpRequest) -> bool:
    return person(request).has_perm(Right.SEE_CONTACTS)
