"""Forms for tickets: the whole ticket, its side panel, a comment, and a change to many."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.staff import bulk
from desk.staff.fields import MinuteField, TextField, keep_shown
from desk.staff.holding import offer_holders
from desk.tickets.models import Priority, Status, Ticket
from desk.tickets.queries import first_open_status

__all__ = ["BulkForm", "CommentForm", "PanelForm", "TicketForm"]


class _HeldForm(forms.ModelForm[Ticket]):
    """A form that gives a ticket to whoever may log in, or leaves it with who holds it."""

    due_date = MinuteField(label=_("Due"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the present holder too, who may have left."""
        super().__init__(*args, **kwargs)
        offer_holders(self)
        self._offer_statuses()
        for name in ("priority", "type", "team"):
            self.fields[name].empty_label = "–"  # type: ignore[attr-defined]
        if self.instance.pk:
            keep_shown(self)

    def _offer_statuses(self) -> None:
        """A status is changed for another one; only a ticket that came without one may lack it."""
        status = self.fields["status"]
        if self.instance.pk and self.instance.status_id is None:
            status.empty_label = "–"  # type: ignore[attr-defined]
            return
        status.empty_label = None  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial.setdefault("status", first_open_status())

    def clean_status(self) -> Status | None:
        """Refuse to take the status away; a form that does not speak of it leaves it."""
        status: Status | None = self.cleaned_data["status"]
        if status is not None or self.instance.status_id is None:
            return status
        if self.add_prefix("status") in self.data:
            raise forms.ValidationError(_("Choose another status: a ticket keeps one."))
        return self.instance.status

    def changes(self) -> dict[str, Any]:
        """Give the fields that came back different from what the page showed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class PanelForm(_HeldForm):
    """What is changed in place beside the conversation."""

    class Meta:
        model = Ticket
        fields = ("status", "priority", "type", "assigned_to", "team", "due_date")


class TicketForm(_HeldForm):
    """Everything that people write into a ticket."""

    subject = TextField(label=_("Subject"))
    description = TextField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    contact_name = TextField(label=_("Contact"), required=False, max_length=200)
    contact_email = forms.EmailField(label=_("Contact's e-mail"), required=False, max_length=200)

    class Meta:
        model = Ticket
        fields = (
            "subject",
            "description",
            "status",
            "priority",
            "type",
            "assigned_to",
            "team",
            "due_date",
        )


class CommentForm(forms.Form):
    """Something to say on a ticket, to everybody or among the staff."""

    body = TextField(label=_("Your comment"), strip=False, widget=forms.Textarea)
    audience = forms.ChoiceField(choices=[("public", _("Public")), ("internal", _("Internal"))])


class BulkForm(bulk.BulkForm):
    """One change for every selected ticket."""

    status = forms.ModelChoiceField(Status.objects.all(), required=False)
    priority = forms.ModelChoiceField(Priority.objects.all(), required=False)
