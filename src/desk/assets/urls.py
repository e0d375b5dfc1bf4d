"""The addresses of assets."""

from django.urls import path

from desk.assets import listing, views

__all__ = ["app_name", "urlpatterns"]

app_name = "assets"

urlpatterns = [
    path("", listing.listing, name="list"),
    path("new", views.create, name="new"),
    path("deleted/", listing.deleted, name="deleted"),
    path("bulk", listing.bulk, name="bulk"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit", views.edit, name="edit"),
    path("<int:pk>/delete", views.delete, name="delete"),
    path("<int:pk>/restore", views.restore, name="restore"),
]
