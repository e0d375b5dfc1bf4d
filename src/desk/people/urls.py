"""The addresses of log-in, profile, and of people, roles and teams for administrators."""

from django.urls import path

from desk.people import manage, views

__all__ = ["app_name", "urlpatterns"]

app_name = "people"

urlpatterns = [
    path("login/", views.LogIn.as_view(), name="login"),
    path("logout/", views.LogOut.as_view(), name="logout"),
    path("password/", views.password, name="password"),
    path("profile/", views.profile, name="profile"),
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
