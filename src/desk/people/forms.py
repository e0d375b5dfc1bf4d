"""Forms for one's own profile, and for people, roles and teams."""

import zoneinfo
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from desk.people import queries, tokens
from desk.people.models import Role, Team, User
from desk.people.rights import Right
from desk.staff.fields import TextField

__all__ = ["NewPersonForm", "PersonForm", "ProfileForm", "RoleForm", "TeamForm", "TokenForm"]

ZONES = sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})


def _rules() -> str:
    """Give the rules for passwords in the language of whoever reads them."""
    return " ".join(map(str, password_validators_help_texts()))


class ProfileForm(forms.ModelForm[User]):
    """What people change about themselves."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name.replace("_", " ")) for name in ZONES],
        help_text=_("Every time you see, and every export you start, is in this zone."),
    )

    class Meta:
        model = User
        fields = (
            "display_name",
            "email",
            "time_zone",
            "single_keys",
            "mail_completed",
            "mail_failed",
            "mail_expiring",
        )


class PersonForm(ProfileForm):
    """What administrators change about people; an empty password keeps the one they have."""

    roles = forms.ModelMultipleChoiceField(
        label=_("Roles"),
        queryset=Role.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Rights come from roles only."),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    password = forms.CharField(
        label=_("New password"), required=False, strip=False, widget=PASSWORD
    )

    class Meta:
        model = User
        fields = ("username", "display_name", "email", "time_zone", "is_admin", "is_active")
        help_texts = {
            "is_admin": _("Lists every ticket and manages people. Grants no right to export."),
            "username": _("For the log-in."),
        }
        widgets = {"username": forms.TextInput(attrs={"autocomplete": "username"})}

    def account(self) -> dict[str, Any]:
        """Give the values of the account itself, without password, roles and teams."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class NewPersonForm(PersonForm):
    """What makes a person; without a password nobody can log in as them."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=PASSWORD,
        help_text=lazy(_rules, str)(),
    )

    def _post_clean(self) -> None:
        """Refuse a password that breaks the rules, which look at the name and address too."""
        super()._post_clean()  # type: ignore[misc]
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as refused:
                self.add_error("password", refused)


class RoleForm(forms.ModelForm[Role]):
    """The name of a role and the rights it carries."""

    rights = forms.MultipleChoiceField(
        label=_("Rights"),
        choices=Right.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Role
        fields = ("name", "description")


class TeamForm(forms.ModelForm[Team]):
    """The name of a team and who is in it."""

    people = forms.ModelMultipleChoiceField(
        label=_("People"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They list every ticket of the team."),
    )

    class Meta:
        model = Team
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer whoever may log in, and who is in the team though they may not."""
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = queries.eligible(self.instance)  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """What a new token is called, what it is good for, and how long."""

    name = TextField(
        label=_("Name"), max_length=100, help_text=_("What will use it, such as “nightly report”.")
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        initial=90,
        choices=[
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("a year")),
            (0, _("until it is revoked")),
        ],
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[
            (tokens.Scope.READ, _("follow and fetch exports")),
            (tokens.Scope.WRITE, _("start, cancel and delete exports")),
        ],
        initial=[*tokens.Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may do yourself."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Know whose token it will be."""
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_name(self) -> str:
        """Refuse a name in use: so a page that is sent twice makes no second token."""
        name: str = self.cleaned_data["name"]
        if tokens.good_tokens().filter(user=self.user, name=name).exists():
            raise forms.ValidationError(_("You have a token of this name."))
        return name

    def wanted(self) -> dict[str, Any]:
        """Give what the action takes."""
        data = self.cleaned_data
        days = data["days"]
        expires_at = timezone.now() + timedelta(days=days) if days else None
        return {"name": data["name"], "scopes": data["scopes"], "expires_at": expires_at}
