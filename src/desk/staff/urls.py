"""The addresses under /staff/."""

from django.urls import path

from desk.staff import views

__all__ = ["app_name", "urlpatterns"]

app_name = "staff"

urlpatterns = [
    path("", views.home, name="home"),
]
