"""Log-in, log-out, and what people change about themselves."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from desk.people import actions
from desk.people.forms import ProfileForm
from desk.people.log_in import LogInForm
from desk.people.models import User
from desk.staff.access import person, staff_only
from desk.staff.saving import saved

__all__ = ["LogIn", "LogOut", "password", "profile"]


class LogIn(auth_views.LoginView):
    """Ask for user name or address and password; too many wrong tries lock the way in."""

    form_class = LogInForm
    template_name = "people/login.html"
    redirect_authenticated_user = True


class LogOut(auth_views.LogoutView):
    """End the session; only by POST."""

    next_page = "people:login"


@staff_only
def password(request: HttpRequest) -> HttpResponseBase:
    """Let people change their own password; this session goes on, the others end."""
    user = person(request)
    form = PasswordChangeForm(user, request.POST or None)
    if saved(form, lambda: _change(request, form)):
        messages.success(request, _("Your password is changed."))
        return redirect("people:profile")
    return _page(request, "people/password.html", form)


@staff_only
def profile(request: HttpRequest) -> HttpResponseBase:
    """Show and change one's own name, address and time zone."""
    user = person(request)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if saved(form, lambda: actions.edit_own_profile(user, form.cleaned_data)):
        messages.success(request, _("Your profile is saved."))
        return redirect("people:profile")
    return _page(request, "people/profile.html", form)


def _change(request: HttpRequest, form: PasswordChangeForm) -> bool:
    user = person(request)
    actions.change_own_password(user, form.cleaned_data["new_password1"])
    update_session_auth_hash(request, user)
    return True


def _page(request: HttpRequest, template: str, form: object) -> HttpResponse:
    return render(request, template, {"form": form})
