"""The addresses of log-in, profile, tokens, and of people, roles and teams for administrators."""

from django.urls import path

from desk.people import manage, token_pages, views

__all__ = ["app_name", "urlpatterns"]

app_name = "people"

urlpatterns = [
    path("login/", views.LogIn.as_view(), name="login"),
    path("logout/", views.LogOut.as_view(), name="logout"),
    path("password/", views.password, name="password"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", token_pages.listing, name="tokens"),
    path("tokens/new", token_pages.new, name="new_token"),
    path("tokens/<int:pk>/revoke", token_pages.revoke, name="revoke_token"),
    path("people/", manage.listing, name="list"),
    path("people/new", manage.new, name="new"),
    path("people/<int:pk>/", manage.detail, name="detail"),
    path("people/roles/", manage.roles, name="roles"),
    path("people/roles/new", manage.role, name="new_role"),
    path("people/roles/<int:pk>/", manage.role, name="role"),
    path("people/roles/<int:pk>/delete", manage.delete_role, name="delete_role"),
    path("people/teams/", manage.teams, name="teams"),
    path("people/teams/new", manage.team, name="new_team"),
    path("people/teams/<int:pk>/", manage.team, name="team"),
    path("people/teams/<int:pk>/delete", manage.delete_team, name="delete_team"),
]
