"""The addresses of the kept mails."""

from django.urls import path

from desk.mail import views

__all__ = ["app_name", "urlpatterns"]

app_name = "mail"

urlpatterns = [
    path("", views.listing, name="list"),
    path("<slug:name>/", views.detail, name="detail"),
    path("<slug:name>/html", views.html, name="html"),
]
